#pragma once
// FakeWorld: one publisher's log, its live stream, its fetch server and one consumer, in memory,
// with every fault that can lie between them. The same choices give the same run.
//
// It checks as it goes: each applied batch is exactly the wanted stretch behind the cursor.

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ticketing/messaging/relay.hpp"
#include "ticketing/messaging/subscription.hpp"

namespace ticketing::test {

class FakeWorld {
 public:
  /// `choose` yields any number; whoever makes the numbers makes the schedule.
  using Choose = std::function<std::uint32_t()>;
  explicit FakeWorld(Choose choose);
  explicit FakeWorld(std::uint64_t seed);

  void step_with_faults();
  /// Ends all faults and lets the rest arrive.
  void come_to_rest();
  /// What must be true at rest.
  void check_rest() const;

 private:
  bool chance(int percent) { return static_cast<int>(choose_() % 100) < percent; }
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(choose_() % static_cast<std::uint64_t>(bound));
  }
  std::int64_t size() const { return static_cast<std::int64_t>(log_.size()); }
  const std::string& subject_below(std::int64_t bound);
  bool is_wanted(std::int64_t offset) const;

  void publish();
  void relay();
  void beat();
  void answer_join();
  void send(wire::Frames message);
  void send_positions(std::string topic);
  void lose_connection(bool notices);
  void restart_publisher();
  void restart_consumer();
  void ask_for_replay();
  void deliver_again();
  void receive_live();
  void serve_fetch();
  void receive_answer();
  void consume();
  void commit(const Batch& batch);
  void drive();
  void carry_out(Subscription::Actions actions);
  SubscriptionOptions options();

  Choose choose_;
  Subscription::Time now_{std::chrono::hours{1}};
  bool faults_ = true;

  std::vector<std::string> log_;  ///< Subjects by offset - 1.
  std::int64_t relayed_ = 0;
  Relay relay_{"tickets", "log-1", 0, "-"};

  std::vector<wire::Frames> stream_;  ///< What was sent live, as a broker keeps it.
  bool subscribed_ = false;           ///< The publisher sends to us.
  bool join_under_way_ = false;
  std::deque<wire::Frames> live_;
  std::deque<std::string> requests_;
  std::deque<wire::Frames> answers_;

  std::vector<std::string> wanted_;
  std::optional<Cursor> stored_;  ///< What the consumer's database says.
  std::vector<std::int64_t> applied_;
  std::set<std::int64_t> owed_replays_;
  std::shared_ptr<const Batch> with_consumer_;
  std::unique_ptr<Subscription> core_;
  bool touched_ = true;  ///< Something went in since the last step.
};

}  // namespace ticketing::test
