#pragma once
// Packet: a NATS message on its way through a simulated server.

#include <string>
#include <string_view>
#include <vector>

#include "nats/connection.hpp"

namespace ticketing::testing {

using nats_driver::Message;

struct Packet {
  std::string subject;
  std::string reply = {};
  nats_driver::Headers headers = {};
  std::string body = {};
  std::string to = {};  ///< Who hears it; empty: who hears its subject.

  const std::string& destination() const { return to.empty() ? subject : to; }
};

/// What the server itself says, as 408.
Packet status_packet(std::string to, int status, std::string description = {});

/// As a client sees it.
Message to_message(Packet packet);

/// Empty: there is no such header.
std::string_view header_of(const Packet& packet, std::string_view name);

/// `*` in `pattern` stands for a token, `>` for all that follow.
bool matches(std::string_view pattern, std::string_view subject);

/// The tokens of `subject` that stand behind `prefix`.
std::vector<std::string> tokens_behind(std::string_view prefix, std::string_view subject);

}  // namespace ticketing::testing
