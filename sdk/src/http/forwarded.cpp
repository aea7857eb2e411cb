#include "http/forwarded.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "http/text.hpp"

namespace ticketing::http {
namespace {

bool is_one_of(const std::vector<std::string>& trusted, std::string_view address) {
  return std::find(trusted.begin(), trusted.end(), address) != trusted.end();
}

/// All that proxies have written, in their order.
std::vector<std::string> forwarded_for(const Headers& headers) {
  std::vector<std::string> addresses;
  for (const auto& [name, value] : headers) {
    if (!same_ignoring_case(name, "X-Forwarded-For")) continue;
    const std::string list = value + ',';  // So that an empty last element is one as well.
    std::string_view rest = list;
    while (!rest.empty()) addresses.emplace_back(trimmed(take_until(rest, ',')));
  }
  return addresses;
}

}  // namespace

bool is_address(std::string_view text) {
  const std::string address{text};
  in6_addr number{};
  return ::inet_pton(AF_INET, address.c_str(), &number) == 1 ||
         ::inet_pton(AF_INET6, address.c_str(), &number) == 1;
}

std::string client_address(const std::string& peer, const Headers& headers,
                           const std::vector<std::string>& trusted) {
  if (!is_one_of(trusted, peer)) return peer;
  const auto addresses = forwarded_for(headers);
  const auto client = std::find_if(addresses.rbegin(), addresses.rend(), [&](const auto& address) {
    return !is_one_of(trusted, address);
  });
  if (client == addresses.rend() || !is_address(*client)) return peer;
  return *client;
}

}  // namespace ticketing::http
