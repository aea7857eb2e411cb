#include "nats/log_publisher.hpp"

#include <algorithm>
#include <charconv>

#include "ticketing/core/error.hpp"
#include "ticketing/core/random.hpp"

namespace ticketing::nats_driver {

namespace {

constexpr std::size_t kWindow = 512;      ///< Messages that wait for their acknowledgement.
constexpr std::size_t kQueueMax = 2'000;  ///< What exceeds it is read from the log again.
constexpr std::size_t kQueueBytesMax = 16 << 20;
constexpr std::size_t kPage = 500;
constexpr std::size_t kPageBytes = 1 << 20;
constexpr std::size_t kReadersMax = 1'000;
constexpr std::size_t kJoiningMax = 1'000;
constexpr std::chrono::seconds kAckPatience{3};
constexpr std::chrono::seconds kLookEvery{1};

/// Where a log is a snapshot, offsets have holes: what is past one starts anew.
void close_hole(Relay& relay, const wire::Position& of, std::int64_t offset) {
  if (relay.head() + 1 == offset) return;
  relay = Relay{of.log, of.log_id, offset - 1, "-"};
}

}  // namespace

LogPublisher::LogPublisher(Wiring& wiring, const HostedLog& log, std::string ack_token,
                           std::chrono::milliseconds beat)
    : wiring_(wiring),
      log_(log.name),
      id_(log.id),
      names_(log.name),
      ack_token_(std::move(ack_token)),
      beat_every_(beat),
      head_(log.head),
      relay_(log.name, log.id, log.head, "-"),
      acknowledged_(relay_) {}

void LogPublisher::lead(bool leads) {
  if (leads == leads_) return;
  leads_ = leads;
  knows_head_ = false;
  on_lost();
  if (runs()) on_connected();
}

void LogPublisher::on_connected() {
  if (!runs()) return;
  failures_ = 0;
  next_beat_line_.clear();
  said_by_ = {{kPublisherHeader, random_hex(wiring_.random, 8)}};
  learn_head();
  resync();
}

void LogPublisher::on_lost() {
  ++generation_;
  stage_ = Stage::idle;
  in_flight_.clear();
  queue_.clear();
  joining_.clear();
  page_asked_ = false;
  trouble_.clear();
}

void LogPublisher::committed(std::vector<LogEntry> entries) {
  head_ = std::max(head_, entries.back().offset);
  const bool follows = stage_ == Stage::live && !page_asked_ &&
                       queue_.is_below(kQueueMax, kQueueBytesMax) &&
                       entries.front().offset == queued_to_ + 1;
  if (!follows) return;  // Read from the log when its turn has come.
  queued_to_ = entries.back().offset;
  for (LogEntry& entry : entries) queue_.push(std::move(entry));
}

/// Of too many the first are remembered: who is not finds less in a stream that was emptied, and
/// fetches it.
void LogPublisher::heard(const wire::Reader& reader) {
  if (readers_.size() >= kReadersMax && !readers_.contains(reader.consumer)) return;
  readers_[reader.consumer] = reader.cursor;
}

void LogPublisher::ask_for_page() {
  page_asked_ = true;
  const auto done = [this, asked = generation_](const LogPage* page) {
    wiring_.commands.post([this, asked, copy = page ? std::optional{*page} : std::nullopt] {
      if (asked != generation_) return;
      page_asked_ = false;
      if (copy) return on_page(*copy);
      knows_head_ = false;
      again("the log cannot be read", false);
    });
  };
  wiring_.logs.read(log_, {.after = queued_to_, .count_max = kPage, .bytes_max = kPageBytes}, done);
}

void LogPublisher::on_page(const LogPage& page) {
  head_ = std::max(head_, page.head);
  if (stage_ != Stage::live) {
    if (page.head < queued_to_) {
      return fail("stream " + names_.stream + " ends with event " + std::to_string(queued_to_) +
                  " of log \"" + log_ + "\", and the log ends at " + std::to_string(page.head) +
                  "; its database was restored from an older copy: restore the rest, or delete "
                  "the stream");
    }
    stage_ = Stage::live;
    trouble_.clear();
    if (!std::exchange(told_trouble_, {}).empty()) {
      wiring_.logger.info("events are published again", {{"log", log_}});
    }
  }
  for (const LogEntry& entry : page.entries) queue_.push(entry);
  queued_to_ = std::max(queued_to_, page.covered_to);
}

void LogPublisher::pump(Time now) {
  while (stage_ == Stage::live && in_flight_.size() < kWindow && !queue_.empty()) {
    if (in_flight_.empty()) ack_deadline_ = now + kAckPatience;
    publish(queue_.pop());
    look_at_ = now + kLookEvery;
  }
  const bool has_room = queue_.is_below(kPage, kPageBytes);
  if (stage_ == Stage::live && has_room && queued_to_ < head_ && !page_asked_) ask_for_page();
}

void LogPublisher::publish(LogEntry entry) {
  const std::int64_t offset = entry.offset;
  close_hole(relay_, relay_.position(), offset);
  std::string subject = entry.subject;
  wire::Frames live = std::move(relay_.committed({std::move(entry)}).front());
  EventMessage message = to_message(std::move(live[1]), live[0], std::move(live[2]));
  if (offset > without_ids_to_ && !message.id.empty()) {
    message.headers.emplace_back("Nats-Msg-Id", message.id);
  }
  message.headers.emplace_back("Nats-Expected-Last-Sequence", std::to_string(next_sequence_ - 1));
  const std::string reply =
      wiring_.connection->inbox() + ".ack." + ack_token_ + '.' + std::to_string(generation_);
  const Sent sent =
      wiring_.connection->send(names_.subject_of(subject), reply, message.body, message.headers);
  if (sent == Sent::no) return again("the connection does not take messages", false);
  const bool is_skipped = sent == Sent::too_large;
  if (is_skipped) {
    wiring_.logger.error("an event is too large for the NATS server; raise its max_payload",
                         {{"log", log_},
                          {"offset", std::to_string(offset)},
                          {"bytes", std::to_string(message.body.size())}});
  }
  in_flight_.push_back({{offset, std::move(subject), {}}, next_sequence_, is_skipped});
  if (!is_skipped) ++next_sequence_;
  advance();
}

/// Past what the stream does not take there is nothing to wait for: consumers see that it is
/// missing.
void LogPublisher::advance() {
  while (!in_flight_.empty() && in_flight_.front().is_skipped) {
    LogEntry& entry = in_flight_.front().entry;
    close_hole(acknowledged_, acknowledged_.position(), entry.offset);
    acknowledged_.committed({std::move(entry)});
    in_flight_.pop_front();
  }
}

void LogPublisher::on_acknowledged(std::string_view generation, const Message& answer) {
  std::uint64_t of = 0;
  std::from_chars(generation.data(), generation.data() + generation.size(), of);
  if (of != generation_ || in_flight_.empty()) return;
  if (answer.is_nobody_there()) return again("nobody stores the events", false);
  const auto said = from_json<api::Acknowledgement>(answer.body());
  // Also when it says that it has had the message before: at that very place it is ours.
  if (said.error || said.seq != in_flight_.front().sequence) {
    // Somebody has taken out what the server still knows the ids of.
    if (said.duplicate) without_ids_to_ = head_;
    return again(said.error ? said.error->description : "stored at another place", false);
  }
  failures_ = 0;
  stream_end_ = *said.seq;
  in_flight_.front().is_skipped = true;
  advance();
  ack_deadline_ = wiring_.clock.monotonic() + kAckPatience;
}

void LogPublisher::on_join(std::string reply) {
  if (!runs()) return;
  if (!knows_head_) {
    if (joining_.size() < kJoiningMax) joining_.push_back(std::move(reply));
    return;
  }
  wiring_.connection->send(reply, {}, wire::encode(position()), said_by_);
}

/// All up to the head: it can be fetched, and what comes later comes live.
wire::Position LogPublisher::head_position() const {
  return Relay{log_, id_, head_, "-"}.position();
}

wire::Position LogPublisher::position() const {
  const bool is_all_there = stage_ == Stage::live && acknowledged_.head() == head_;
  return is_all_there ? acknowledged_.position() : head_position();
}

/// Tells what the stream had at the last beat: by now consumers should have that. While nothing can
/// be published they are to fetch it.
void LogPublisher::beat(Time now) {
  next_beat_ = now + beat_every_;
  if (!knows_head_) return;
  if (!next_beat_line_.empty())
    wiring_.connection->send(names_.beat, {}, next_beat_line_, said_by_);
  next_beat_line_ =
      wire::encode(stage_ == Stage::live ? acknowledged_.position() : head_position());
}

LogPublisher::Time LogPublisher::step(Time now) {
  if (!runs()) return Time::max();
  if (stage_ == Stage::idle && now >= retry_at_) resync();
  if (!in_flight_.empty() && now >= ack_deadline_) again("events are not acknowledged", false);
  if (now >= learn_at_) learn_head();
  pump(now);
  if (now >= next_beat_) beat(now);
  Time deadline = next_beat_;
  if (stage_ == Stage::idle) return std::min(deadline, retry_at_);
  if (!in_flight_.empty()) return std::min(deadline, ack_deadline_);
  if (stage_ == Stage::live && now >= look_at_) {
    look_at_ = now + kLookEvery;
    look_at_stream();
  }
  return stage_ == Stage::live ? std::min(deadline, look_at_) : deadline;
}

}  // namespace ticketing::nats_driver
