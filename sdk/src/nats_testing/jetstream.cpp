#include "nats_testing/jetstream.hpp"

#include <algorithm>

namespace ticketing::testing {

namespace api = nats_driver::api;

namespace {

constexpr std::string_view kApi = "$JS.API.";
constexpr std::string_view kAcknowledge = "$JS.ACK.";
constexpr std::uint64_t kWindow = 8;  ///< How far a message may come before its turn.
constexpr int kNotFound = 404;
constexpr int kTimedOut = 408;
constexpr int kConflict = 409;
constexpr int kNobodyThere = 503;
constexpr std::int64_t kNameInUse = 10058;
constexpr std::int64_t kDurableDiffers = 10013;

struct PullRequest {
  std::int64_t batch = 1;
  std::int64_t expires = 0;  ///< Nanoseconds.
  static constexpr std::array kFields{field<&PullRequest::batch>("batch"),
                                      field<&PullRequest::expires>("expires")};
};

struct GetRequest {
  std::int64_t seq = 0;
  static constexpr std::array kFields{field<&GetRequest::seq>("seq")};
};

template <class Answer>
std::string failure(std::int64_t code, std::string description) {
  Answer answer;
  answer.error = api::Failure{code, std::move(description)};
  return to_json(answer);
}

}  // namespace

// ---- what comes ----

bool JetStream::take(const Packet& packet, Time now) {
  sync_by_chance(now);
  if (packet.subject.starts_with(kApi)) {
    answer(packet, now);
    return true;
  }
  if (packet.subject.starts_with(kAcknowledge)) {
    if (!random_.chance(disorder_.unacknowledged + faults_.lose)) acknowledge(packet.subject);
    return true;
  }
  for (auto& [name, stream] : streams_) {
    for (const std::string& pattern : stream.config.subjects) {
      if (!matches(pattern, packet.subject)) continue;
      store(stream, packet, now);
      deliver(name, now);
      return true;
    }
  }
  return false;
}

void JetStream::answer(const Packet& question, Time now) {
  const auto tokens = tokens_behind(kApi, question.subject);
  const std::string& kind = tokens.at(0);
  if (kind == "STREAM") {
    return send_({.subject = question.reply,
                  .body = stream_call(tokens.at(1), tokens.at(2), question.body)});
  }
  if (kind == "DIRECT") {
    if (streams_.contains(tokens.at(2))) send_(stored(tokens.at(2), question));
    return;
  }
  const std::string& call = tokens.at(1);
  if (call == "MSG") return pull(question, tokens, now);
  const std::size_t at = call == "DURABLE" ? 3 : 2;
  send_({.subject = question.reply,
         .body = durable_call(call, tokens.at(at), tokens.at(at + 1), question.body)});
}

std::string JetStream::stream_call(const std::string& call, const std::string& name,
                                   std::string_view body) {
  if (call == "CREATE") {
    auto config = from_json<api::StreamConfig>(body);
    const auto [known, is_new] = streams_.try_emplace(name);
    if (!is_new && to_json(known->second.config) != to_json(config)) {
      return failure<api::StreamAnswer>(kNameInUse, "stream name already in use");
    }
    known->second.config = std::move(config);
  }
  const auto found = streams_.find(name);
  if (found == streams_.end()) {
    return failure<api::StreamAnswer>(api::kStreamNotFound, "stream not found");
  }
  Stream& stream = found->second;
  if (call == "UPDATE") stream.config = from_json<api::StreamConfig>(body);
  api::StreamState state{std::ssize(stream.messages), stream.last, {}};
  if (state.messages > 0) {
    const std::int64_t first = stream.messages.begin()->first;
    state.num_deleted = stream.last - first + 1 - state.messages;
  }
  return to_json(api::StreamAnswer{{}, JsonText{to_json(stream.config)}, state});
}

std::string JetStream::durable_call(const std::string& call, const std::string& stream_name,
                                    const std::string& name, std::string_view body) {
  const auto stream = streams_.find(stream_name);
  if (stream == streams_.end()) {
    return failure<api::ConsumerAnswer>(api::kStreamNotFound, "stream not found");
  }
  auto& durables = stream->second.durables;
  if (call == "DURABLE") {
    auto config = from_json<api::ConsumerRequest>(body).config;
    TICKETING_ASSERT(config.deliver_policy == "new" && config.ack_policy == "explicit");
    const auto [known, is_new] = durables.try_emplace(name);
    if (is_new) {
      known->second.next = stream->second.last + 1;
      known->second.config = std::move(config);
    } else if (to_json(known->second.config) != to_json(config)) {
      return failure<api::ConsumerAnswer>(kDurableDiffers, "consumer name already in use");
    }
  }
  const auto durable = durables.find(name);
  if (durable == durables.end()) {
    return failure<api::ConsumerAnswer>(api::kConsumerNotFound, "consumer not found");
  }
  if (call == "DELETE") {
    durables.erase(durable);
    end_pulls(stream_name, name);
    return to_json(api::ConsumerAnswer{});
  }
  return to_json(api::ConsumerAnswer{{}, durable->second.config});
}

Packet JetStream::stored(const std::string& name, const Packet& question) const {
  const auto& messages = streams_.at(name).messages;
  const auto found = messages.find(from_json<GetRequest>(question.body).seq);
  if (found == messages.end()) return status_packet(question.reply, kNotFound);
  return {question.reply, {}, found->second->headers, found->second->body};
}

// ---- storing ----

void JetStream::store(Stream& stream, const Packet& packet, Time now) {
  const std::string said = try_to_store(stream, packet, now);
  if (!packet.reply.empty()) send_({.subject = packet.reply, .body = said});
}

std::string JetStream::try_to_store(Stream& stream, const Packet& packet, Time now) {
  const std::string id{header_of(packet, "Nats-Msg-Id")};
  std::erase_if(stream.ids, [&](const auto& one) { return one.second.until <= now; });
  if (const auto known = stream.ids.find(id); known != stream.ids.end()) {
    return to_json(api::Acknowledgement{{}, known->second.sequence, true});
  }
  const std::string_view expected = header_of(packet, "Nats-Expected-Last-Sequence");
  if (!expected.empty() && expected != std::to_string(stream.last)) {
    return failure<api::Acknowledgement>(api::kWrongLastSequence,
                                         "wrong last sequence: " + std::to_string(stream.last));
  }
  if (on_store_)
    on_store_(stream.messages.empty() ? nullptr : stream.messages.rbegin()->second.get(), packet);
  stream.messages[++stream.last] = std::make_shared<const Packet>(packet);
  if (!id.empty()) {
    const Time until = now + std::chrono::nanoseconds{stream.config.duplicate_window};
    stream.ids[id] = {stream.last, until};
  }
  for (auto& [name, durable] : stream.durables) queue_new(stream, durable);
  return to_json(api::Acknowledgement{{}, stream.last});
}

void JetStream::forget_gone(const Stream& stream, Durable& durable) {
  const auto is_gone = [&](std::int64_t sequence) { return !stream.messages.contains(sequence); };
  std::erase_if(durable.queue, is_gone);
  std::erase_if(durable.unacked, [&](const auto& one) { return is_gone(one.first); });
}

void JetStream::queue_new(Stream& stream, Durable& durable) {
  for (; durable.next <= stream.last; ++durable.next) {
    const auto found = stream.messages.find(durable.next);
    if (found == stream.messages.end()) continue;
    const auto& filter = durable.config.filter_subject;
    if (filter && !matches(*filter, found->second->subject)) continue;
    durable.queue.push_back(durable.next);
  }
}

// ---- delivering ----

void JetStream::pull(const Packet& question, const std::vector<std::string>& tokens, Time now) {
  const std::string& stream = tokens.at(3);
  const std::string& durable = tokens.at(4);
  const auto found = streams_.find(stream);
  // To who pulls from nothing, some versions say nothing, others that nobody is there.
  if (found == streams_.end() || !found->second.durables.contains(durable)) {
    if (random_.chance(500)) send_(status_packet(question.reply, kNobodyThere));
    return;
  }
  const auto asked = from_json<PullRequest>(question.body);
  pulls_[{stream, durable}].push_back(
      {question.reply, asked.batch, now + std::chrono::nanoseconds{asked.expires}});
  deliver_to(stream, durable, now);
}

void JetStream::acknowledge(const std::string& subject) {
  const auto tokens = tokens_behind(kAcknowledge, subject);
  const auto stream = streams_.find(tokens.at(0));
  if (stream == streams_.end()) return;
  const auto durable = stream->second.durables.find(tokens.at(1));
  if (durable == stream->second.durables.end()) return;
  durable->second.unacked.erase(std::stoll(tokens.at(2)));
}

void JetStream::deliver(const std::string& name, Time now) {
  for (const auto& [durable, is] : streams_.at(name).durables) deliver_to(name, durable, now);
}

void JetStream::deliver_to(const std::string& stream_name, const std::string& name, Time now) {
  Stream& stream = streams_.at(stream_name);
  Durable& durable = stream.durables.at(name);
  auto& pulls = pulls_[{stream_name, name}];
  const auto unacked_max = std::min(durable.config.max_ack_pending, disorder_.unacked_max);
  while (!durable.queue.empty() && std::ssize(durable.unacked) < unacked_max) {
    std::erase_if(pulls, [&](const Pull& one) { return one.left == 0 || !is_heard_(one.reply); });
    if (pulls.empty()) return;
    const bool in_turn = !random_.chance(disorder_.out_of_turn + faults_.reorder);
    const auto within = std::min<std::uint64_t>(kWindow, durable.queue.size());
    const auto at =
        durable.queue.begin() + static_cast<std::ptrdiff_t>(in_turn ? 0 : random_.below(within));
    const std::int64_t sequence = *at;
    durable.queue.erase(at);
    if (random_.chance(disorder_.twice + faults_.duplicate)) durable.queue.push_back(sequence);
    durable.unacked[sequence] = now + ack_wait(durable);
    --pulls.front().left;
    const Packet& stored = *stream.messages.at(sequence);
    // Where the subscription leads, what it is about, and where to say that it is done.
    send_({stored.subject,
           std::string{kAcknowledge} + stream_name + '.' + name + '.' + std::to_string(sequence) +
               '.' + std::to_string(++deliveries_),
           stored.headers, stored.body, pulls.front().reply});
  }
}

JetStream::Time JetStream::ack_wait(const Durable& durable) const {
  return std::min<Time>(disorder_.ack_wait_max, Time{durable.config.ack_wait});
}

void JetStream::end_pulls(const std::string& stream, const std::string& durable) {
  for (const Pull& pull : pulls_[{stream, durable}]) {
    send_(status_packet(pull.reply, kConflict, "Consumer Deleted"));
  }
  pulls_.erase({stream, durable});
}

JetStream::Time JetStream::step(Time now) {
  Time next = Time::max();
  for (auto& [of, pulls] : pulls_) {
    for (Pull& pull : pulls) {
      if (now < pull.ends) {
        next = std::min(next, pull.ends);
      } else if (std::exchange(pull.left, 0) > 0) {
        send_(status_packet(pull.reply, kTimedOut, "Request Timeout"));
      }
    }
    std::erase_if(pulls, [](const Pull& pull) { return pull.left == 0; });
  }
  for (auto& [stream_name, stream] : streams_) {
    for (auto& [name, durable] : stream.durables) {
      for (auto& [sequence, again_at] : durable.unacked) {
        if (now < again_at) continue;
        durable.queue.push_front(sequence);
        again_at = now + ack_wait(durable);
      }
      deliver_to(stream_name, name, now);
      for (const auto& [sequence, again_at] : durable.unacked) next = std::min(next, again_at);
    }
  }
  return next;
}

void JetStream::sync_by_chance(Time now) {
  if (now < sync_at_) return;
  sync_at_ = now + random_.up_to(disorder_.sync_max);
  synced_ = streams_;
}

}  // namespace ticketing::testing
