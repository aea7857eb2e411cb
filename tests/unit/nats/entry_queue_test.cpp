#include "nats/entry_queue.hpp"

#include <gtest/gtest.h>

namespace ticketing::nats_driver {
namespace {

LogEntry entry(std::int64_t offset, std::size_t size) {
  return {offset, "ticket:created", std::string(size, 'x')};
}

TEST(EntryQueue, is_bounded_by_count_and_by_bytes) {
  EntryQueue queue;
  EXPECT_TRUE(queue.is_below(1, 1));
  queue.push(entry(1, 10));
  queue.push(entry(2, 20));
  EXPECT_TRUE(queue.is_below(3, 31));
  EXPECT_FALSE(queue.is_below(2, 31));
  EXPECT_FALSE(queue.is_below(3, 30));
  EXPECT_EQ(queue.pop().offset, 1);
  EXPECT_TRUE(queue.is_below(2, 21));
  EXPECT_FALSE(queue.is_below(2, 20));
  queue.clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.is_below(1, 1));
}

}  // namespace
}  // namespace ticketing::nats_driver
