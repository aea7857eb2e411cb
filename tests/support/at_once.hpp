#pragma once
// at_once(): does something on several threads at the same moment.

#include <gtest/gtest.h>

#include <barrier>
#include <chrono>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace ticketing::test {

/// Runs `action(0)` … `action(count - 1)`, each on a thread of its own, all let go together. What
/// an action throws fails the test.
template <class F>
void at_once(std::size_t count, F action) {
  std::barrier start{static_cast<std::ptrdiff_t>(count)};
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      try {
        action(i);
      } catch (const std::exception& error) {
        ADD_FAILURE() << "thread " << i << ": " << error.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

/// Lets a little time pass, busily, so that of things that are done at once now this one is first
/// and now the other. Nothing may depend on it.
inline void fall_behind(std::chrono::microseconds by) {
  const auto end = std::chrono::steady_clock::now() + by;
  while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
}

}  // namespace ticketing::test
