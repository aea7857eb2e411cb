#pragma once
// What hostile clients do to a server of HTTP. Each attack goes on while a good client is served
// beside it, and yields what its attacker got to see.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "good_client.hpp"

namespace ticketing::test {

/// Who is attacked.
struct Target {
  std::uint16_t port;
  std::string token;  ///< Of a user, whom the attacker has signed up as.
  const GoodClient& good;
};

struct Attack {
  std::string name;
  std::string outcome;  ///< What the attacker must see.
  std::function<std::string(const Target&)> run;
  bool slow = false;    ///< Takes as long as a deadline of the server: in the long form only.
  bool hashes = false;  ///< Passwords are hashed: that much memory is meant to be used.
};

std::vector<Attack> attacks();

/// Ordinary requests, many at once: so that every thread of the server has worked before, and what
/// it keeps for that is no growth.
void warm_up(std::uint16_t port);

/// The most that the process has had in memory since its peak was forgotten, in KiB.
long peak_kib(int process);
void forget_peak(int process);

}  // namespace ticketing::test
