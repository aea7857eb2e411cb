// The part of LogPublisher that finds out where the stream ends.

#include <algorithm>

#include "core/json_merge.hpp"
#include "nats/log_publisher.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::nats_driver {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kMaxAge = 7 * 24 * 3600 * kNanosecondsPerSecond;
constexpr std::int64_t kDuplicateWindow = 120 * kNanosecondsPerSecond;
constexpr std::chrono::milliseconds kFirstPause{20};
constexpr std::chrono::milliseconds kPauseMax{2'000};
constexpr int kDoublingsMax = 7;
constexpr int kNotFound = 404;

/// The configuration of a stream with what is ours to say put right, and all else as it came.
/// nullopt: nothing was different.
std::optional<std::string> put_right(const std::string& config, const std::string& subjects,
                                     int replicas) {
  const auto before = from_json<api::StreamSettings>(config);
  api::StreamSettings wanted{{subjects}, before.num_replicas, true};
  if (replicas > 0) wanted.num_replicas = replicas;
  if (wanted == before) return std::nullopt;
  return json::merged(config, to_json(wanted));
}

}  // namespace

/// The log may have grown by another process's hands. Who cannot read it does not say where it
/// stands: another process may lead by now.
void LogPublisher::learn_head() {
  learn_at_ = wiring_.clock.monotonic() + kPauseMax;
  const auto done = [this](const LogPage* page) {
    wiring_.commands.post([this, head = page ? std::optional{page->head} : std::nullopt] {
      knows_head_ = head.has_value();
      head_ = std::max(head_, head.value_or(0));
      if (!runs() || !knows_head_) return;
      for (const std::string& reply : std::exchange(joining_, {})) on_join(reply);
    });
  };
  wiring_.logs.read(log_, {.after = head_, .count_max = 1}, done);
}

void LogPublisher::resync() {
  ++generation_;
  stage_ = Stage::looking;
  page_asked_ = false;
  in_flight_.clear();
  queue_.clear();
  wiring_.ask("$JS.API.STREAM.INFO." + names_.stream, "",
              guarded([this](const Message& answer) { on_stream(answer); }));
}

/// `next`, unless there was another resync since; an answer that is none leads to one.
Calls::Done LogPublisher::guarded(std::function<void(const Message&)> next) {
  return [this, asked = generation_, next = std::move(next)](const Message* answer) {
    if (asked != generation_) return;
    if (answer == nullptr) return again("the NATS server does not answer");
    if (answer->is_nobody_there()) return again(wiring_.no_jetstream());
    try {
      next(*answer);
    } catch (const Error& error) {
      again(error.what());
    }
  };
}

/// `is_lasting`: people have to know of it, if it is not over at once.
void LogPublisher::again(const std::string& reason, bool is_lasting) {
  ++generation_;
  stage_ = Stage::idle;
  in_flight_.clear();
  queue_.clear();
  page_asked_ = false;
  failures_ = std::min(failures_ + 1, kDoublingsMax);
  retry_at_ = wiring_.clock.monotonic() +
              std::min<std::chrono::milliseconds>(kPauseMax, kFirstPause * (1 << failures_));
  if (is_lasting || failures_ == kDoublingsMax) {
    trouble_ = "events of \"" + log_ + "\" are not published: " + reason;
    if (std::exchange(told_trouble_, trouble_) == trouble_) return;
    wiring_.logger.warning("events wait in the log", {{"log", log_}, {"reason", reason}});
  }
}

/// Only people can put it right.
void LogPublisher::fail(std::string trouble) {
  again(trouble, false);
  retry_at_ = wiring_.clock.monotonic() + kPauseMax;
  trouble_ = std::move(trouble);
  if (std::exchange(told_trouble_, trouble_) == trouble_) return;
  wiring_.logger.error("a log is not published", {{"log", log_}, {"reason", trouble_}});
}

void LogPublisher::on_stream(const Message& answer) {
  const auto stream = from_json<api::StreamAnswer>(answer.body());
  if (!stream.error) return use_stream(stream);
  if (stream.error->err_code == api::kStreamNotFound) return create_stream();
  again("the NATS server says: " + stream.error->description);
}

void LogPublisher::create_stream() {
  api::StreamConfig config;
  config.name = names_.stream;
  config.subjects = {names_.all_events()};
  config.num_replicas = std::max(1, wiring_.url.replicas);
  config.max_age = kMaxAge;
  config.duplicate_window = kDuplicateWindow;
  wiring_.ask("$JS.API.STREAM.CREATE." + names_.stream, to_json(config),
              guarded([this](const Message& answer) {
                const auto made = from_json<api::StreamAnswer>(answer.body());
                if (!made.error) return use_stream(made);
                again("cannot make stream " + names_.stream + ": " + made.error->description);
              }));
}

void LogPublisher::use_stream(const api::StreamAnswer& stream) {
  if (!stream.config || !stream.state) return again("the NATS server's answer is not understood");
  const auto config = put_right(stream.config->text, names_.all_events(), wiring_.url.replicas);
  if (!config) return begin(*stream.state);
  wiring_.ask("$JS.API.STREAM.UPDATE." + names_.stream, *config,
              guarded([this](const Message& answer) {
                const auto changed = from_json<api::StreamAnswer>(answer.body());
                if (!changed.error && changed.state) return begin(*changed.state);
                again("cannot change stream " + names_.stream + ": " +
                      (changed.error ? changed.error->description : "no answer"));
              }));
}

void LogPublisher::begin(const api::StreamState& state) {
  stream_end_ = state.last_seq;
  next_sequence_ = state.last_seq + 1;
  if (state.messages == 0) return begin_after(needed_after());
  ask_for_newest(state.last_seq, state.num_deleted.value_or(0));
}

/// Which sequence belongs to which offset is what everything rests on: of many messages on their
/// way, a later one would be stored where an earlier one was refused. So it is asked for by its
/// sequence. What came later may have been taken out by somebody.
void LogPublisher::ask_for_newest(std::int64_t sequence, std::int64_t deleted) {
  wiring_.ask("$JS.API.DIRECT.GET." + names_.stream, R"({"seq":)" + std::to_string(sequence) + '}',
              guarded([this, sequence, deleted](const Message& message) {
                if (message.status() != kNotFound) return on_newest(message);
                if (deleted > 0) return ask_for_newest(sequence - 1, deleted - 1);
                again("the newest message is gone, or a replica of the stream lags", false);
              }));
}

std::int64_t LogPublisher::needed_after() const {
  if (readers_.empty()) return 0;
  const auto less = [](const auto& a, const auto& b) { return a.second < b.second; };
  return std::min_element(readers_.begin(), readers_.end(), less)->second;
}

void LogPublisher::on_newest(const Message& message) {
  wire::Position last;
  try {
    last = position_of(message.headers());
  } catch (const Error&) {
    return fail("stream " + names_.stream +
                " holds messages that are not of this system; delete it, or use an account of "
                "NATS that is this system's alone");
  }
  if (last.log_id != id_) {
    return fail("stream " + names_.stream + " holds another log: it has id " + last.log_id +
                ", and \"" + log_ + "\" here has id " + id_ +
                "; two systems share a NATS server, or the database was replaced: use another "
                "account of NATS, restore the database, or delete the stream");
  }
  // Another publisher may have gone on since the state was told: then the server refuses the first.
  begin_after(last.offset);
}

void LogPublisher::begin_after(std::int64_t offset) {
  queued_to_ = offset;
  relay_ = acknowledged_ = Relay{log_, id_, offset, "-"};
  ask_for_page();
}

/// While nothing else tells: somebody may have deleted it, or emptied it, or the server may have
/// come back with less than it had acknowledged.
void LogPublisher::look_at_stream() {
  wiring_.ask("$JS.API.STREAM.INFO." + names_.stream, "",
              guarded([this, end = stream_end_](const Message& answer) {
                if (end != stream_end_ || !in_flight_.empty()) return;
                const auto stream = from_json<api::StreamAnswer>(answer.body());
                const bool is_ours =
                    !stream.error && stream.state && stream.state->last_seq == stream_end_;
                const bool is_missed = is_ours && stream.state->messages == 0 &&
                                       !readers_.empty() && needed_after() < head_;
                if (!is_ours || is_missed) resync();
              }));
}

}  // namespace ticketing::nats_driver
