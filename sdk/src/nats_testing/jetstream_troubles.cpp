// The part of JetStream that forgets: what a disk loses, and what people delete.

#include "nats_testing/jetstream.hpp"

namespace ticketing::testing {

// ---- the disk ----

void JetStream::die() { pulls_.clear(); }

void JetStream::lose_power() {
  die();
  for (auto stream = streams_.begin(); stream != streams_.end();) {
    const bool stays = synced_.contains(stream->first) || random_.chance(500);
    if (stays) roll_back(stream->first, stream->second);
    stays ? ++stream : stream = streams_.erase(stream);
  }
  synced_ = streams_;
}

/// Messages and durables are different files: each keeps what it likes.
void JetStream::roll_back(const std::string& name, Stream& stream) {
  const Stream& before = synced_[name];
  if (stream.last > before.last) {
    const auto lost = static_cast<std::uint64_t>(stream.last - before.last);
    stream.last -= static_cast<std::int64_t>(random_.below(lost + 1));
    stream.messages.erase(stream.messages.upper_bound(stream.last), stream.messages.end());
    std::erase_if(stream.ids, [&](const auto& one) { return one.second.sequence > stream.last; });
  }
  std::erase_if(stream.durables, [&](const auto& one) {
    return !before.durables.contains(one.first) && random_.chance(500);
  });
  for (auto& [durable_name, durable] : stream.durables) {
    const auto old = before.durables.find(durable_name);
    if (old != before.durables.end() && random_.chance(500)) durable = old->second;
    forget_gone(stream, durable);
    queue_new(stream, durable);
  }
}

// ---- people ----

std::vector<std::string> JetStream::names() const {
  std::vector<std::string> names;
  for (const auto& [name, stream] : streams_) names.push_back(name);
  return names;
}

void JetStream::delete_stream(const std::string& name) {
  delete_durables(name);
  streams_.erase(name);
  synced_.erase(name);
}

void JetStream::purge(const std::string& name, bool all) {
  Stream& stream = streams_.at(name);
  const auto count = static_cast<std::uint64_t>(stream.messages.size());
  const std::uint64_t kept = all || count == 0 ? 0 : random_.below(count);
  stream.messages.erase(std::next(stream.messages.begin(), static_cast<std::ptrdiff_t>(kept)),
                        stream.messages.end());
  for (auto& [durable_name, durable] : stream.durables) forget_gone(stream, durable);
  synced_[name] = stream;
}

void JetStream::delete_durables(const std::string& name) {
  Stream& stream = streams_.at(name);
  for (const auto& [durable, is] : std::exchange(stream.durables, {})) end_pulls(name, durable);
}

}  // namespace ticketing::testing
