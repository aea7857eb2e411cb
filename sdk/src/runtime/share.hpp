#pragma once
// Share: what this instance does of its service's work, where several serve one database.
//
// The work comes in parts that one instance at a time may do, each under a lease. tick() renews
// the leases now and then, and begins or ends parts as they are gained or lost. Where nobody else
// can serve the database, all parts begin at once and there is nothing to renew.
// Plumbing; who holds what is decided in Leases. add() first; then any thread.

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "runtime/leases.hpp"
#include "ticketing/core/log.hpp"
#include "ticketing/core/random.hpp"
#include "ticketing/core/time.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::runtime {

struct ShareWorld {
  const Clock& clock;
  Random& random;
  Logger& logger;
};

class Share {
 public:
  /// Begins (true) or ends the work. May throw Error: then it is called again later.
  using Change = std::function<void(bool begins)>;

  /// Borrows all. `secrets`: as Leases'.
  Share(std::string service, Database& database, ShareWorld world, std::string secrets);

  void add(std::string_view lease, Change change);
  /// Whether it has caught up with what it follows; asked by tick().
  std::function<bool()> has_caught_up = [] { return true; };
  /// Called when tick() has something to do.
  std::function<void()> wake = [] {};

  /// Nullptr: this instance is the only one.
  Leases* leases() { return leases_ ? &*leases_ : nullptr; }
  milliseconds tick();
  bool wants_tick() const { return wants_tick_; }
  /// This instance does what it has to do, and others do the rest.
  bool is_settled() const { return is_settled_; }
  /// Goes: the others take over with their next beat.
  void leave();

 private:
  struct Part {
    Change change;
    bool is_begun = false;
    std::string told;  ///< Why it could not be begun.
  };

  void renew();
  void renewed(const std::exception_ptr& failure, Leases::Standing standing);
  void change_parts();
  bool change(const std::string& name, Part& part, bool begins);

  const std::string service_;
  Database& database_;
  ShareWorld world_;
  std::optional<Leases> leases_;
  std::map<std::string, Part, std::less<>> parts_;
  std::set<std::string> names_;
  bool has_left_ = false;
  bool has_begun_ = false;  ///< All parts that it holds.
  bool has_caught_up_once_ = false;

  std::atomic<bool> wants_tick_{true};
  std::atomic<bool> under_way_{false};
  std::atomic<bool> is_settled_{false};
  std::atomic<bool> has_told_{false};  ///< Why it cannot join.
  std::atomic<std::chrono::nanoseconds> next_turn_{std::chrono::nanoseconds{0}};
  std::mutex parts_mutex_;  ///< Guards parts_ and has_left_.
  std::mutex mutex_;
  std::optional<Leases::Standing> standing_;  ///< As of the last renewal; empty before the first.
};

}  // namespace ticketing::runtime
