#pragma once
// HTTP requests and responses as plain values, so that a route is a plain function between them
// and can be tested without a socket. Values: no thread rules.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/core/error.hpp"

namespace ticketing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;                                      ///< Upper case.
  std::string path;                                        ///< Decoded, without the query.
  std::vector<std::pair<std::string, std::string>> query;  ///< Decoded, in order.
  Headers headers;  ///< Names as received; compare with header().
  std::string body;
  /// The client's address: the peer's as the kernel knows it, or what a trusted proxy says.
  std::string remote;
  std::map<std::string, std::string, std::less<>> params;  ///< Filled by the router: `:id`.
  std::string id;  ///< The request id: given by the guard, repeated in the answer.

  /// The first header of that name (case does not matter), or nullopt.
  std::optional<std::string_view> header(std::string_view name) const;
  /// The first query parameter of that name, or nullopt.
  std::optional<std::string_view> query_value(std::string_view name) const;
  /// The value of a cookie of that name, or nullopt. A malformed header yields nullopt.
  std::optional<std::string_view> cookie(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::string content_type = "application/json";

  static Response json(int status, std::string body) { return {status, {}, std::move(body)}; }
  /// 204 with no body.
  static Response empty() { return {204, {}, {}}; }
  Response& with(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

/// `{"errors":[{"message":…,"field":…,"code":…}]}` with the status of the error's code. 500 and
/// 503 show a general message instead of the error's; 503 and 429 say Retry-After.
Response error_response(const Error& error);
/// The same for a status that has no ErrorCode (405, 413, 415, 431, …).
Response error_response(int status, std::string_view message, std::string_view code);

}  // namespace ticketing
