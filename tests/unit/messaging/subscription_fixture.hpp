#pragma once
// A subscription core on a bench: a relay makes what it hears, the test decides what arrives.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ticketing/messaging/relay.hpp"
#include "ticketing/messaging/subscription.hpp"

namespace ticketing::test {

class SubscriptionFixture : public ::testing::Test {
 protected:
  using Time = Subscription::Time;
  using Offsets = std::vector<std::int64_t>;
  using Subjects = std::vector<std::string>;

  void start(SubscriptionOptions options, std::optional<Cursor> cursor = std::nullopt) {
    options.log = "tickets";
    core_.emplace(std::move(options), std::move(cursor));
  }
  /// Joined, with nothing to catch up with.
  void start_joined(SubscriptionOptions options = {}) {
    start(std::move(options));
    core_->step(now_);
    hello();
  }
  Subscription::Actions step(std::chrono::milliseconds later = {}) {
    now_ += later;
    return core_->step(now_);
  }

  /// An entry is appended to the log; returns what would arrive live.
  wire::Frames publish(const std::string& subject) {
    const std::int64_t offset = relay_.head() + 1;
    return relay_.committed({{offset, subject, std::to_string(offset)}}).front();
  }
  void receive(const wire::Frames& live) {
    core_->on_event(wire::decode_position(live[1]), live[0], live[2]);
  }
  void publish_and_receive(const std::string& subject) { receive(publish(subject)); }
  void hello() { core_->on_hello(relay_.position()); }
  void beat() { core_->on_beat(relay_.position()); }

  void answer(const wire::FetchRequest& request, Offsets offsets, std::int64_t covered_to,
              std::int64_t head) {
    wire::FetchAnswer answer{request.number, "tickets", "log-1", covered_to, head, {}, {}};
    for (const std::int64_t offset : offsets) {
      answer.events.push_back({offset, std::to_string(offset)});
    }
    core_->on_fetched(std::move(answer));
  }
  static Offsets offsets(const std::shared_ptr<const Batch>& batch) {
    Offsets all;
    if (!batch) return all;
    for (const ReceivedEvent& event : batch->events) all.push_back(event.offset);
    return all;
  }
  /// Applies all that is to be had without an answer to a fetch.
  Offsets drain() {
    Offsets all;
    while (auto batch = step().deliver) {
      for (const std::int64_t offset : offsets(batch)) all.push_back(offset);
      core_->on_applied();
    }
    return all;
  }

  Time now_{std::chrono::hours{1}};
  Relay relay_{"tickets", "log-1", 0, "-"};
  std::optional<Subscription> core_;
};

}  // namespace ticketing::test
