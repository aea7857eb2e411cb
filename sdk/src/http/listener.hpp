#pragma once
// The listening socket: from `host:port` to a descriptor. Any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "http/doorbell.hpp"

struct sockaddr_storage;

namespace ticketing::http {

struct HostPort {
  std::string host;
  std::string port;
};

/// Reads `127.0.0.1:80`, `localhost:80` and `[::1]:80`. Throws Error(invalid).
HostPort parse_host_port(std::string_view text);

/// A non-blocking listening socket. Throws Error(invalid) for a bad address and
/// Error(unavailable) with the system's reason when it cannot be had.
UniqueFd listen_on(const std::string& address);

std::uint16_t bound_port(int fd);
/// The numeric address without the port.
std::string address_text(const sockaddr_storage& address);

}  // namespace ticketing::http
