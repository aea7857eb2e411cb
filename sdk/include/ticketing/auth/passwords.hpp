#pragma once
// Password hashes: Argon2id through libsodium (RFC 9106; OWASP's minimum of 19 MiB, t = 2).
//
// hash() and verify() are slow by design (tens of milliseconds): never call them on a thread
// that serves requests or writes; HashPool runs them elsewhere. Thread-safe.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ticketing {

struct PasswordCost {
  std::size_t memory_bytes = 19 << 20;
  unsigned passes = 2;
};

/// The encoded hash (`$argon2id$v=19$m=…`), salt and cost inside.
/// Throws Error(unavailable) when there is not memory enough.
std::string hash_password(std::string_view password, const PasswordCost& cost = {});
/// True when `password` matches. An unreadable hash is false.
bool verify_password(std::string_view password, const std::string& hash);
/// True when `hash` was made with another cost than `cost` and should be made anew at sign-in.
bool needs_rehash(const std::string& hash, const PasswordCost& cost = {});

/// Runs hashing jobs on a few threads of its own, so that concurrent hashes (and their memory)
/// are bounded. The queue is bounded too.
class HashPool {
 public:
  explicit HashPool(std::size_t threads = 2, std::size_t queue_max = 256);
  /// Finishes the jobs that were taken.
  ~HashPool();
  HashPool(const HashPool&) = delete;
  HashPool& operator=(const HashPool&) = delete;

  /// Takes `job`; false when the queue is full. Any thread. `job` must not throw.
  bool try_run(std::function<void()> job);

 private:
  void work();
  std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ticketing
