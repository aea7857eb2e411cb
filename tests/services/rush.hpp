#pragma once
// Rush: buyers who all go for the same ticket at once, round by round, each on a thread and a
// connection of their own.

#include <gtest/gtest.h>

#include <barrier>
#include <cstddef>
#include <exception>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/visitor.hpp"

namespace ticketing::test {

class Rush {
 public:
  explicit Rush(std::vector<Visitor> buyers)
      : buyers_(std::move(buyers)),
        answers_(buyers_.size()),
        start_(static_cast<std::ptrdiff_t>(buyers_.size()) + 1) {}

  /// `offer()` yields each round's ticket, at the last moment before the rush for it; `judge()` is
  /// shown what it has come to in answers().
  template <class Offer, class Judge>
  void run(std::size_t rounds, Offer offer, Judge judge) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < buyers_.size(); ++i) {
      threads.emplace_back([this, i, rounds] { buy(i, rounds); });
    }
    for (std::size_t round = 0; round < rounds; ++round) {
      ticket_ = offer();
      start_.arrive_and_wait();
      start_.arrive_and_wait();  // All have been answered.
      judge();
    }
    for (std::thread& thread : threads) thread.join();
  }

  /// By buyer; status 0 where there was none.
  const std::vector<Response>& answers() const { return answers_; }
  Visitor& buyer(std::size_t i) { return buyers_[i]; }

 private:
  void buy(std::size_t i, std::size_t rounds) {
    for (std::size_t round = 0; round < rounds; ++round) {
      start_.arrive_and_wait();
      answers_[i] = {};
      try {
        answers_[i] = buyers_[i].post("/api/orders", order_for(ticket_));
      } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
      }
      start_.arrive_and_wait();
    }
  }

  std::vector<Visitor> buyers_;
  std::vector<Response> answers_;
  std::barrier<> start_;
  std::string ticket_;
};

}  // namespace ticketing::test
