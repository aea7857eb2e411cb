#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <memory>

#include "runtime/job_pool.hpp"

namespace ticketing::runtime {
namespace {

TEST(JobPool, jobs_run_on_another_thread) {
  std::thread::id id;
  std::latch done(1);
  JobPool pool(1, 16);
  ASSERT_TRUE(pool.try_run([&] {
    id = std::this_thread::get_id();
    done.count_down();
  }));
  done.wait();
  EXPECT_NE(id, std::thread::id());
  EXPECT_NE(id, std::this_thread::get_id());
}

TEST(JobPool, a_full_queue_refuses_and_what_was_taken_still_runs) {
  std::latch started(1);
  std::latch go(1);
  std::latch done(3);
  JobPool pool(1, 2);
  ASSERT_TRUE(pool.try_run([&] {
    started.count_down();
    go.wait();
    done.count_down();
  }));
  started.wait();  // The only thread is busy: from here on jobs are queued.
  EXPECT_TRUE(pool.try_run([&done] { done.count_down(); }));
  EXPECT_TRUE(pool.try_run([&done] { done.count_down(); }));
  EXPECT_FALSE(pool.try_run([&done] { done.count_down(); }));
  go.count_down();
  done.wait();
}

TEST(JobPool, stopping_ends_what_runs_and_drops_what_waits) {
  std::latch started(1);
  std::atomic<bool> ended = false;
  std::atomic<bool> dropped_ran = false;
  JobPool pool(1, 1 << 20);  // Never full, so that only stopping refuses.
  std::atomic<bool> go = false;
  ASSERT_TRUE(pool.try_run([&] {
    started.count_down();
    go.wait(false);
    ended = true;
  }));
  started.wait();
  ASSERT_TRUE(pool.try_run([&] { dropped_ran = true; }));
  std::thread stopper{[&] { pool.stop(); }};
  // Once the pool takes nothing more, the queue has been dropped.
  while (pool.try_run([] {})) continue;
  go = true;
  go.notify_one();
  stopper.join();
  EXPECT_TRUE(ended);
  EXPECT_FALSE(dropped_ran);
  EXPECT_FALSE(pool.try_run([] {}));
}

TEST(JobPool, never_more_jobs_at_once_than_threads) {
  constexpr int kThreads = 3;
  std::latch all_busy(kThreads);  // Proves that all threads are used, too.
  std::atomic<int> running = 0;
  std::atomic<int> running_max = 0;
  std::latch done(60);
  JobPool pool(kThreads, 100);
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(pool.try_run([&, i] {
      const int now = ++running;
      int seen = running_max;
      while (seen < now && !running_max.compare_exchange_weak(seen, now)) continue;
      if (i < kThreads) all_busy.arrive_and_wait();
      --running;
      done.count_down();
    }));
  }
  done.wait();
  EXPECT_EQ(running_max, kThreads);
}

TEST(JobPool, many_threads_may_hand_in_jobs) {
  std::atomic<int> taken = 0;
  std::atomic<int> done = 0;
  JobPool pool(2, 8);
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      for (int job = 0; job < 200; ++job) taken += pool.try_run([&done] { ++done; }) ? 1 : 0;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_GT(taken, 0);
  while (done < taken) std::this_thread::yield();
  EXPECT_EQ(done, taken);
}

TEST(JobPool, a_pool_that_has_stopped_takes_no_more) {
  std::atomic<int> done = 0;
  JobPool pool(2, 16);
  pool.stop();
  EXPECT_FALSE(pool.try_run([&done] { ++done; }));
  pool.stop();
  EXPECT_EQ(done, 0);
}

TEST(JobPool, a_finished_job_is_let_go) {
  const auto held = std::make_shared<int>(0);
  {
    JobPool pool(1, 16);
    ASSERT_TRUE(pool.try_run([held] { static_cast<void>(held); }));
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace ticketing::runtime
