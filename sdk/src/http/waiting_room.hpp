#pragma once
// WaitingRoom: requests whose handler asked to be run again, until something has changed.
//
// wake() makes all of them due, at most once every 2 ms; without it each is due after 100 ms, so
// that handlers notice their own deadlines. A request that has had a seat keeps it between its
// runs until leave(). Any thread may call anything; the event loop takes out what is due.

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "http/connection.hpp"

namespace ticketing::http {

class WaitingRoom {
 public:
  /// Borrows `bell`, which wakes the thread that calls take_due().
  WaitingRoom(std::size_t seats, Doorbell& bell) : seats_(seats), bell_(bell) {}

  /// Changes with every wake(). Read before a handler runs, so that a wake in between counts.
  std::uint64_t epoch() const { return epoch_.load(); }
  /// Takes the connection in, which is not the caller's any more. False: full or closed.
  bool park(Connection& connection, std::uint64_t epoch_before, SteadyTime now);
  /// Gives the seat free of a request that has its answer.
  void leave(Connection& connection);
  void wake();
  /// Makes everything due and lets nobody in any more.
  void close();
  bool closed() const { return closed_.load(); }

  /// What is to be run again now.
  std::vector<Connection*> take_due(SteadyTime now);
  /// When take_due() will have something; nullopt: nobody waits.
  std::optional<SteadyTime> next_due();

 private:
  struct Parked {
    Connection* connection;
    SteadyTime since;
  };

  const std::size_t seats_;
  Doorbell& bell_;
  std::atomic<std::uint64_t> epoch_{0};
  std::atomic<std::size_t> taken_{0};  ///< Changed under the mutex.
  std::atomic<bool> closed_{false};    ///< Changed under the mutex.
  std::mutex mutex_;
  std::deque<Parked> parked_;  ///< Oldest first.
  bool woken_ = false;
  SteadyTime last_release_{};
};

}  // namespace ticketing::http
