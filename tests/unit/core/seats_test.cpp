// How many may read at once, and who is next.

#include "core/seats.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "support/eventually.hpp"

namespace ticketing {
namespace {

TEST(Seats, never_hold_more_than_there_are) {
  Seats seats{3};
  std::atomic<int> seated{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        const Seats::Seat seat{seats};
        const int now = ++seated;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::yield();
        --seated;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 3);
}

TEST(Seats, go_to_those_who_wait_in_the_order_in_which_they_came) {
  constexpr std::size_t kThreads = 8;
  Seats seats{1};
  std::optional<Seats::Seat> mine{std::in_place, seats};
  std::vector<std::size_t> order;  // Written by whoever has the only seat.
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const Seats::Seat seat{seats};
      order.push_back(i);
    });
    ASSERT_TRUE(test::eventually([&] { return seats.waiting() == i + 1; }));
  }
  mine.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7}));
}

}  // namespace
}  // namespace ticketing
