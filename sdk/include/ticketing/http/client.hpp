#pragma once
// HttpClient: one keep-alive connection to one origin, over cpp-httplib, with deadlines.
//
// Not thread-safe: one per thread. Throws Error(unavailable) when the server cannot be reached or
// does not answer in time, Error(invalid) for blanks or control characters in the request; every
// HTTP status is an answer, not an error. Making one ignores SIGPIPE unless it is handled already.
// Debian's httplib percent-decodes the values of response headers.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "ticketing/http/message.hpp"

namespace ticketing {

class HttpClient {
 public:
  /// `origin` as in `http://127.0.0.1:8080`. Throws Error(invalid) when it is not such a URL.
  explicit HttpClient(std::string_view origin,
                      std::chrono::milliseconds timeout = std::chrono::seconds{20});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  /// Sends and waits for the answer. `body` goes as application/json when not empty.
  Response send(std::string_view method, std::string_view path_and_query,
                const Headers& headers = {}, std::string_view body = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing
