// Whose turn it is: addresses one after the other, and each address in its own order.

#include "http/work_queue.hpp"

#include <gtest/gtest.h>

#include <memory>

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
  WorkQueue queue_{8};
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

TEST_F(Turns, a_closed_queue_yields_nobody) {
  push("a");
  queue_.close();
  EXPECT_EQ(queue_.pop(), nullptr);
}

}  // namespace
}  // namespace ticketing::http
