#include "nats/calls.hpp"

#include <charconv>

namespace ticketing::nats_driver {

namespace {

constexpr std::chrono::seconds kPatience{3};

}  // namespace

void Calls::ask(Connection& connection, const std::string& subject, std::string_view question,
                Time now, Done done) {
  const std::uint64_t number = ++last_;
  calls_.emplace(number, Call{now + kPatience, std::move(done)});
  connection.send(subject, connection.inbox() + ".call." + std::to_string(number), question);
}

void Calls::on_answer(std::string_view number, const Message& answer) {
  std::uint64_t value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  const auto found = calls_.find(value);
  if (found == calls_.end()) return;
  const Done done = std::move(found->second.done);
  calls_.erase(found);
  done(&answer);
}

Calls::Time Calls::step(Time now) {
  while (!calls_.empty() && now >= calls_.begin()->second.deadline) {
    const Done done = std::move(calls_.begin()->second.done);
    calls_.erase(calls_.begin());
    done(nullptr);
  }
  return calls_.empty() ? Time::max() : calls_.begin()->second.deadline;
}

void Calls::give_up_all() {
  auto calls = std::exchange(calls_, {});
  for (auto& [number, call] : calls) call.done(nullptr);
}

}  // namespace ticketing::nats_driver
