// Whose turn it is: addresses one after the other, and each address in its own order.

#include "http/work_queue.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "http/connection.hpp"

namespace ticketing::http {
namespace {

class Turns : public testing::Test {
 protected:
  Connection& from(const std::string& address) {
    all_.push_back(std::make_unique<Connection>(UniqueFd{}, address, limits_));
    return *all_.back();
  }
  void push(const std::string& addresses) {
    for (const char address : addresses) EXPECT_TRUE(queue_.push(from(std::string(1, address))));
  }
  std::string pop(std::size_t count) {
    std::string addresses;
    for (std::size_t i = 0; i < count; ++i) addresses += queue_.pop()->remote;
    return addresses;
  }

  const HttpLimits limits_;
  std::vector<std::unique_ptr<Connection>> all_;
  WorkQueue queue_{8, 2};
};

class Lanes : public Turns {
 protected:
  Connection& that(const std::string& method) {
    Connection& connection = from("a");
    connection.head = method + " / HTTP/1.1";
    queue_.push(connection);
    return connection;
  }
};

TEST_F(Turns, addresses_take_turns) {
  push("aaaaabbc");
  EXPECT_EQ(pop(8), "abcabaaa");
}

TEST_F(Turns, who_comes_late_waits_for_one_of_each) {
  push("aaabbb");
  EXPECT_EQ(pop(2), "ab");
  push("c");
  EXPECT_EQ(pop(5), "abcab");
}

TEST_F(Turns, an_address_keeps_its_order) {
  Connection& first = from("a");
  Connection& second = from("a");
  Connection& third = from("a");
  queue_.push(first);
  queue_.push(second);
  EXPECT_EQ(queue_.pop(), &first);
  queue_.push_again({&third, &first});
  EXPECT_EQ(queue_.pop(), &second);
  EXPECT_EQ(queue_.pop(), &third);
  EXPECT_EQ(queue_.pop(), &first);
}

TEST_F(Turns, a_full_queue_takes_only_those_it_has_had) {
  push("aaaabbbb");
  Connection& one_more = from("c");
  EXPECT_FALSE(queue_.push(one_more));
  queue_.push_again({&one_more});
  EXPECT_EQ(pop(9), "abcababab");
}

TEST_F(Lanes, reads_and_writes_take_turns) {
  Connection& first_read = that("GET");
  Connection& second_read = that("HEAD");
  Connection& first_write = that("POST");
  Connection& second_write = that("DELETE");
  EXPECT_EQ(queue_.pop(), &first_read);
  EXPECT_EQ(queue_.pop(), &first_write);
  EXPECT_EQ(queue_.pop(), &second_read);
  EXPECT_EQ(queue_.pop(), &second_write);
}

TEST_F(Lanes, some_workers_are_never_with_reads) {
  for (int i = 0; i < 3; ++i) that("GET");
  Connection& third_read = *all_.back();
  queue_.pop();
  queue_.pop();
  Connection& write = that("POST");
  EXPECT_EQ(queue_.pop(), &write);
  queue_.done(write.reads);
  Connection& another_write = that("PUT");
  EXPECT_EQ(queue_.pop(), &another_write);
  queue_.done(true);
  EXPECT_EQ(queue_.pop(), &third_read);
}

TEST_F(Lanes, a_read_that_is_done_lets_the_next_one_in) {
  for (int i = 0; i < 3; ++i) that("GET");
  queue_.pop();
  queue_.pop();
  std::thread waiting{[&] { EXPECT_EQ(queue_.pop(), all_.back().get()); }};
  queue_.done(true);
  waiting.join();
}

TEST_F(Turns, a_closed_queue_yields_nobody) {
  push("a");
  queue_.close();
  EXPECT_EQ(queue_.pop(), nullptr);
}

}  // namespace
}  // namespace ticketing::http
