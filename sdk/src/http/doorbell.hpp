#pragma once
// Doorbell: makes a thread that sleeps in epoll look around. UniqueFd: closes a descriptor.

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <utility>

#include "ticketing/core/error.hpp"

namespace ticketing::http {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() { reset(); }
  int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

/// Any thread rings; the one that sleeps answers.
class Doorbell {
 public:
  Doorbell() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { TICKETING_ASSERT(fd_.get() >= 0); }

  /// One system call until answer(), however many ring.
  void ring() {
    if (rung_.exchange(true)) return;
    const std::uint64_t one = 1;
    TICKETING_ASSERT(::write(fd_.get(), &one, sizeof one) == sizeof one);
  }
  /// Call before looking at what was rung for. The counter is never read: the descriptor is
  /// watched edge-triggered, and each ring is an edge.
  void answer() { rung_.store(false); }
  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
  std::atomic<bool> rung_{false};
};

}  // namespace ticketing::http
