#pragma once
// Who a request comes from, where proxies stand before the server. Pure functions: any thread.

#include <string>
#include <string_view>
#include <vector>

#include "ticketing/http/message.hpp"

namespace ticketing::http {

/// True for a numeric IPv4 or IPv6 address.
bool is_address(std::string_view text);

/// `peer`, unless it is one of `trusted`: then the last address in X-Forwarded-For that is not.
/// What stands further left was written by the client, or by nobody. Where the header is missing,
/// or is no list of addresses up to there, `peer` again.
std::string client_address(const std::string& peer, const Headers& headers,
                           const std::vector<std::string>& trusted);

}  // namespace ticketing::http
