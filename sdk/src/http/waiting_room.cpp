#include "http/waiting_room.hpp"

#include <algorithm>

namespace ticketing::http {
namespace {

constexpr std::chrono::milliseconds kReleaseInterval{2};
constexpr std::chrono::milliseconds kRetryInterval{100};

}  // namespace

bool WaitingRoom::park(Connection& connection, std::uint64_t epoch_before, SteadyTime now) {
  const std::lock_guard lock{mutex_};
  if (closed_) return false;
  if (!connection.seated) {
    if (taken_ >= seats_) return false;
    ++taken_;
    connection.seated = true;
  }
  // wake() counts first and then looks for takers, here it is the other way round: one of the
  // two sees the other.
  const bool missed_a_wake = epoch_ != epoch_before;
  const bool first = parked_.empty();
  parked_.push_back({&connection, now});
  woken_ = woken_ || missed_a_wake;
  if (first || missed_a_wake) bell_.ring();
  return true;
}

void WaitingRoom::leave(Connection& connection) {
  if (!connection.seated) return;
  connection.seated = false;
  const std::lock_guard lock{mutex_};
  --taken_;
}

void WaitingRoom::wake() {
  ++epoch_;
  if (taken_ == 0) return;
  const std::lock_guard lock{mutex_};
  if (parked_.empty() || woken_) return;
  woken_ = true;
  bell_.ring();
}

void WaitingRoom::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  woken_ = true;
  bell_.ring();
}

std::vector<Connection*> WaitingRoom::take_due(SteadyTime now) {
  std::vector<Connection*> due;
  const std::lock_guard lock{mutex_};
  const bool all = closed_ || (woken_ && now >= last_release_ + kReleaseInterval);
  while (!parked_.empty() && (all || now >= parked_.front().since + kRetryInterval)) {
    due.push_back(parked_.front().connection);
    parked_.pop_front();
  }
  if (all) {
    woken_ = false;
    last_release_ = now;
  }
  return due;
}

std::optional<SteadyTime> WaitingRoom::next_due() {
  const std::lock_guard lock{mutex_};
  if (parked_.empty()) return std::nullopt;
  const SteadyTime retry = parked_.front().since + kRetryInterval;
  return woken_ ? std::min(retry, last_release_ + kReleaseInterval) : retry;
}

}  // namespace ticketing::http
