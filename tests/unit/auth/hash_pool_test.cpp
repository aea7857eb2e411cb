#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <memory>

#include "ticketing/auth/passwords.hpp"

namespace ticketing {
namespace {

TEST(HashPool, jobs_run_on_another_thread) {
  std::thread::id id;
  {
    HashPool pool(1);
    ASSERT_TRUE(pool.try_run([&id] { id = std::this_thread::get_id(); }));
  }
  EXPECT_NE(id, std::thread::id());
  EXPECT_NE(id, std::this_thread::get_id());
}

TEST(HashPool, a_full_queue_refuses_and_what_was_taken_still_runs) {
  std::latch started(1);
  std::latch go(1);
  std::atomic<int> done = 0;
  {
    HashPool pool(1, 2);
    ASSERT_TRUE(pool.try_run([&] {
      started.count_down();
      go.wait();
      ++done;
    }));
    started.wait();  // The only thread is busy: from here on jobs are queued.
    EXPECT_TRUE(pool.try_run([&done] { ++done; }));
    EXPECT_TRUE(pool.try_run([&done] { ++done; }));
    EXPECT_FALSE(pool.try_run([&done] { ++done; }));
    go.count_down();
  }
  EXPECT_EQ(done, 3);
}

TEST(HashPool, never_more_jobs_at_once_than_threads) {
  constexpr int kThreads = 3;
  std::latch all_busy(kThreads);  // Proves that all threads are used, too.
  std::atomic<int> running = 0;
  std::atomic<int> running_max = 0;
  std::atomic<int> done = 0;
  {
    HashPool pool(kThreads, 100);
    for (int i = 0; i < 60; ++i) {
      ASSERT_TRUE(pool.try_run([&, i] {
        const int now = ++running;
        int seen = running_max;
        while (seen < now && !running_max.compare_exchange_weak(seen, now)) continue;
        if (i < kThreads) all_busy.arrive_and_wait();
        --running;
        ++done;
      }));
    }
  }
  EXPECT_EQ(done, 60);
  EXPECT_EQ(running_max, kThreads);
}

TEST(HashPool, many_threads_may_hand_in_jobs) {
  std::atomic<int> taken = 0;
  std::atomic<int> done = 0;
  {
    HashPool pool(2, 8);
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&] {
        for (int job = 0; job < 200; ++job) taken += pool.try_run([&done] { ++done; }) ? 1 : 0;
      });
    }
    for (std::thread& client : clients) client.join();
  }
  EXPECT_GT(taken, 0);
  EXPECT_EQ(done, taken);
}

TEST(HashPool, a_finished_job_is_let_go) {
  const auto held = std::make_shared<int>(0);
  {
    HashPool pool(1);
    ASSERT_TRUE(pool.try_run([held] { static_cast<void>(held); }));
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace ticketing
