#pragma once
// Stage: what a conformance case plays on: a transport, its publisher, followers, a bad network
// between them, and the waiting. One thread; whatever a case waits for has a deadline.

#include <memory>
#include <string>
#include <vector>

#include "testing/conformance_follower.hpp"
#include "ticketing/testing/bus_conformance.hpp"
#include "ticketing/testing/jumble.hpp"

namespace ticketing::testing {

class Stage {
 public:
  Stage(const MakeTransport& make, const ConformanceOptions& options);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // ---- who is there ----

  /// There is one at first.
  LogOwner& add_owner(const std::string& name);
  LogOwner& owner() { return *owners_.front(); }
  /// Of the first owner's log, unless told otherwise.
  LogFollower& add_follower(LogFollower::Plan plan, LogOwner* of = nullptr);

  void start_publisher();
  void stop_publisher() { publisher_.reset(); }
  /// All of these on one bus.
  void start(const std::vector<LogFollower*>& followers);
  void start(LogFollower& follower) { start(std::vector{&follower}); }
  /// Ends the bus that it follows with, if there is one.
  void stop(LogFollower& follower);
  /// Started, and not dead since.
  bool is_up(const LogFollower& follower) const;

  // ---- what happens ----

  /// In one transaction, and announced if the publisher is up.
  void publish(int count) { publish(owner(), count); }
  void publish(LogOwner& owner, int count);
  /// Lets happen what is due, without waiting.
  void pump();
  /// Lets things happen until `holds`; throws Unmet("… does not …") at the deadline.
  void wait_until(const std::string& what, const std::function<bool()>& holds);
  /// Whether its cursor is at its log's head, and nothing waits to be applied.
  bool has_applied_all(const LogFollower& follower) const;
  /// Until it has applied all, and its replicas miss nothing.
  void rest(LogFollower& follower);
  /// Until `follower` refuses its log with a reason that holds `reason`.
  void wait_for_refusal(LogFollower& follower, const std::string& reason);
  SubscriptionStatus status_of(const LogFollower& follower) const;
  Bus& bus_of(const LogFollower& follower) const;
  void set_cut(bool is_cut);
  static void expect(bool holds, const std::string& what);

  ConformanceStorage& storage() { return *storage_; }
  /// What has been counted, for the report.
  void report_to(ConformanceReport& report) const;
  std::chrono::nanoseconds elapsed() const;

  const ConformanceOptions& options;
  ConformanceReport tally;  ///< What cases count themselves.
  Jumble jumble;
  SeededRandom random;  ///< For the choices of a case.
  /// For followers that start from now on.
  SubscriptionOptions subscription;
  bool starts_over = false;  ///< They forget their cursor.

 private:
  struct Side {
    std::vector<LogFollower*> followers;
    std::unique_ptr<Bus> bus;
  };
  const Side* side_of(const LogFollower& follower) const;
  /// One turn of everybody; false when there was nothing to do.
  bool work();

  std::unique_ptr<ConformanceStorage> storage_;
  News news_;
  std::unique_ptr<ConformanceTransport> transport_;
  std::chrono::nanoseconds began_;
  std::vector<std::unique_ptr<LogOwner>> owners_;
  std::vector<std::unique_ptr<LogFollower>> followers_;
  std::unique_ptr<Bus> publisher_;  ///< Buses last: they end before what they serve.
  std::vector<Side> sides_;
};

}  // namespace ticketing::testing
