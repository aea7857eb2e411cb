#pragma once
// Jumble: a bad network between any transport and the subscriptions behind it, from one seed.
//
//     testing::Jumble jumble{7};
//     jumble.set({.lose = 100, .duplicate = 50, .reorder = 200});
//     consumer.options.between = jumble.between();     // before Bus::follow()
//
// Strikes what arrives at a consumer: hellos, heartbeats, events, answers to fetches. That loses
// joins and questions too, since what comes of them does not arrive. The same seed makes the same
// choices; with a transport that has threads, what they fall on differs from run to run.
//
// Any thread. Must outlive the buses that it was put between. Throws nothing.

#include <cstdint>
#include <mutex>

#include "ticketing/messaging/subscription_input.hpp"
#include "ticketing/testing/seeded_random.hpp"

namespace ticketing::testing {

/// Per mille of what arrives.
struct JumbleRates {
  unsigned lose = 0;
  unsigned duplicate = 0;
  unsigned reorder = 0;  ///< Held back until others have overtaken it.
};

/// How many calls it has seen, and what became of them.
struct JumbleCounts {
  std::uint64_t seen = 0;
  std::uint64_t lost = 0;  ///< Cuts included.
  std::uint64_t doubled = 0;
  std::uint64_t reordered = 0;
};

class Jumble {
 public:
  explicit Jumble(std::uint64_t seed) : random_(seed) {}

  /// From now on; all zero at first.
  void set(JumbleRates rates);
  /// While it is cut, nothing arrives at all.
  void set_cut(bool is_cut);
  JumbleCounts counts() const;
  /// For SubscriptionOptions::between, of any number of consumers.
  PutBetween between();

 private:
  friend class JumbledInput;
  enum class Fate { pass, lose, duplicate, hold };
  Fate next_fate(bool may_hold);
  /// Whether something that was held back is let go now, and then which of `count`.
  bool lets_go();
  std::uint64_t pick(std::uint64_t count);

  mutable std::mutex mutex_;
  SeededRandom random_;
  JumbleRates rates_;
  bool is_cut_ = false;
  JumbleCounts counts_;
};

}  // namespace ticketing::testing
