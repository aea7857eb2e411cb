#pragma once
// What the head of a request (its request line and header lines) says about framing.
//
// Strict wherever two parsers could disagree, since that is what request smuggling lives on: no
// bare line feeds, no folded lines, no blank before a colon, one Content-Length in plain digits.
// The header fields are taken from here and not from cpp-httplib, which percent-decodes values,
// loses their order and matches `Range` with a recursive regular expression.
// Pure functions: any thread.

#include <cstddef>
#include <string_view>
#include <variant>

#include "ticketing/http/message.hpp"

namespace ticketing::http {

/// Why a request is turned away; the connection is closed after the answer.
struct Refusal {
  int status;
  std::string_view message;
  std::string_view code;
};

inline constexpr Refusal kMalformed{400, "Malformed request", "malformed_request"};

struct Framing {
  std::size_t body_bytes = 0;
  bool keep_alive = true;
  bool expects_continue = false;  ///< The client waits for `100 Continue` before the body.
};

/// Reads a whole head, from the request line to the empty line.
/// Requires: every line feed has its carriage return.
std::variant<Framing, Refusal> check_head(std::string_view head, std::size_t body_bytes_max);

/// The request line with its CRLF.
std::string_view request_line(std::string_view head);
/// The header fields, in order. Requires: check_head() accepted `head`.
Headers header_fields(std::string_view head);

}  // namespace ticketing::http
