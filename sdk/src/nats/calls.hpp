#pragma once
// Calls: questions over NATS that are under way, and what is to be done with their answers. Belongs
// to the bus's thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "nats/connection.hpp"

namespace ticketing::nats_driver {

class Calls {
 public:
  using Time = std::chrono::nanoseconds;
  /// nullptr: there was no answer in time, or the connection is lost.
  using Done = std::function<void(const Message* answer)>;

  void ask(Connection& connection, const std::string& subject, std::string_view question, Time now,
           Done done);
  /// `number` is the last token of the subject that the answer came to.
  void on_answer(std::string_view number, const Message& answer);
  /// Gives up what was not answered. Returns when it has to be called at the latest.
  Time step(Time now);
  void give_up_all();

 private:
  struct Call {
    Time deadline;
    Done done;
  };
  std::map<std::uint64_t, Call> calls_;  ///< Deadlines rise with the numbers.
  std::uint64_t last_ = 0;
};

}  // namespace ticketing::nats_driver
