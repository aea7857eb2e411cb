#pragma once
// Leases: which of several instances of a service does what only one may do at a time.
//
// All instances of a service share its database, whose writers take turns. Each writes a beat now
// and then; one whose beat has stood still for kDeadAfter, by the clock of whoever looks, is taken
// for dead, and what it held goes to another. So no two clocks are compared, and a wrong guess
// costs nothing but time: whatever is done under a lease asks within its own transaction whether
// the lease is still held (fencing), and an instance that only slept finds that it is not.
//
// Each lease has an instance that is due to hold it, chosen by rendezvous hashing (Thaler and
// Ravishankar, 1998) among those that live: work spreads, and when one comes or goes no lease moves
// but to or from that one. A core: all is in tables but for what has been seen of the others; time
// is handed in. Belongs to the writer.

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "ticketing/storage/transaction.hpp"

namespace ticketing::runtime {

/// Word of the error that says that another instance holds the lease.
inline constexpr const char* kLeaseLost = "lease_lost";

/// Word of the error that says that this instance has other secrets than those at work.
inline constexpr const char* kOtherSecrets = "other_secrets";

/// Timers, retries, and keeping the log short.
inline constexpr std::string_view kUpkeepLease = "upkeep";
/// Handing the log to a bus that takes it from one instance only.
inline constexpr std::string_view kRelayLease = "relay";
/// Following `log`.
std::string lease_of(std::string_view log);

class Leases {
 public:
  using Time = std::chrono::nanoseconds;  ///< Monotonic.

  static constexpr std::chrono::milliseconds kBeat{500};
  static constexpr std::chrono::milliseconds kDeadAfter{2'000};

  /// `instance`: an id of its own. `secrets`: a digest of what all instances must have alike.
  Leases(std::string instance, std::string secrets)
      : instance_(std::move(instance)), secrets_(std::move(secrets)) {}

  /// What is so once the transaction is committed.
  struct Standing {
    std::set<std::string> held;  ///< By this instance.
    /// The others are held by instances that have been seen to live, and not only to have lived,
    /// and that have caught up.
    bool all_in_hands = true;
  };
  /// Says that this instance lives, and takes, keeps or hands on each of `names`. To be called
  /// every kBeat. `has_caught_up`: with what it follows, once. Throws Error(refused, kOtherSecrets)
  /// instead of joining instances that have others.
  Standing renew(Transaction& tx, const std::set<std::string>& names, bool has_caught_up, Time now);
  /// Throws Error(unavailable, kLeaseLost) unless this instance holds `name`.
  void require(Transaction& tx, std::string_view name) const;
  /// This instance goes: the others need not wait until it is taken for dead.
  void leave(Transaction& tx) const;

 private:
  struct Other {
    std::int64_t beats = 0;
    Time since{0};      ///< When these were first seen.
    std::string names;  ///< Of the leases that it wants.
    bool has_our_secrets = true;
    bool is_at_work = false;
  };
  void look_around(Transaction& tx, Time now);
  void check_secrets() const;
  const std::string& due_holder(std::string_view lease) const;

  const std::string instance_;
  const std::string secrets_;
  std::map<std::string, Other> others_;  ///< Those that live, as of the last look.
  Time looked_at_{0};
};

}  // namespace ticketing::runtime
