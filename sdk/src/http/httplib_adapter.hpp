#pragma once
// HttplibAdapter: lets cpp-httplib parse a request line and write the response, on bytes in memory.
//
// It is given method and path only: query, header fields and body are already framed and checked
// (see head.hpp), so nothing that httplib does with `Range`, `Accept-Encoding`, `Expect` or
// `REMOTE_ADDR` can be reached from outside. Not thread-safe: one per thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/http/message.hpp"

namespace ticketing::http {

class HttplibAdapter {
 public:
  HttplibAdapter();
  ~HttplibAdapter();
  HttplibAdapter(const HttplibAdapter&) = delete;
  HttplibAdapter& operator=(const HttplibAdapter&) = delete;

  enum class Outcome { answered, waiting, malformed };
  /// `method`, `path` and `query` of the argument are filled; an empty result means waiting.
  /// Must not throw.
  using Answer = std::function<std::optional<Response>(Request& parsed)>;

  /// Parses `line` (as check_head() lets it pass, with its CRLF), calls `answer`, and appends what
  /// it answers to `out`. Calls `answer` not at all when the line is malformed.
  Outcome run(std::string_view line, bool close, const Answer& answer, std::string& out);
  /// Appends `response` to `out`; without its body after a HEAD request.
  void write(Response response, bool after_head, bool close, std::string& out);

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace ticketing::http
