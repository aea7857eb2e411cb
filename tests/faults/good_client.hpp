#pragma once
// GoodClient: one who reads and writes over HTTP beside an attack, from an address of its own, and
// takes the time of each answer. A thread of its own until it is stopped.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace ticketing::test {

/// How it has fared.
struct Service {
  std::size_t answers = 0;
  std::size_t failures = 0;  ///< Other answers than those expected, or none.
  std::chrono::milliseconds p99{0};
};

class GoodClient {
 public:
  GoodClient(std::uint16_t port, std::string token);
  ~GoodClient() { stop(); }
  GoodClient(const GoodClient&) = delete;
  GoodClient& operator=(const GoodClient&) = delete;

  /// Waits until it has been answered so many more times, or in vain for a while.
  void wait_for(std::size_t answers) const;
  Service stop();

 private:
  void run();

  const std::uint16_t port_;
  const std::string token_;
  std::vector<std::chrono::nanoseconds> times_;
  std::atomic<std::size_t> answers_{0};
  std::size_t failures_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ticketing::test
