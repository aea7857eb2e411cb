#pragma once
// A server on a free port of the loopback, and what most tests send to it.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "raw_client.hpp"
#include "ticketing/http/server.hpp"

namespace ticketing::test {

inline const std::string kGet = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

inline std::string post(std::string_view body, std::string_view more_headers = {}) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string{more_headers} + "\r\n" + std::string{body};
}

/// Answers with the request's method, path, query and body.
inline HandlerResult echo(Request& request, const Attempt&) {
  std::string text = request.method + " " + request.path;
  for (const auto& [name, value] : request.query) text += " " + name + "=" + value;
  return {Response::json(200, text + "|" + request.body)};
}

/// Keeps what is written.
class MemoryLogger final : public Logger {
 public:
  void write(LogLevel, std::string_view message,
             std::span<const LogField> fields) noexcept override {
    const std::lock_guard lock{mutex_};
    text_ += message;
    for (const auto& [name, value] : fields) text_ += " " + std::string{name} + "=" + value;
    text_ += '\n';
  }
  std::string text() const {
    const std::lock_guard lock{mutex_};
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// Holds handlers back until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock lock{mutex_};
    ++waiting_;
    opened_.wait(lock, [this] { return open_; });
  }
  void open() {
    {
      const std::lock_guard lock{mutex_};
      open_ = true;
    }
    opened_.notify_all();
  }
  int arrived() const {
    const std::lock_guard lock{mutex_};
    return waiting_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable opened_;
  int waiting_ = 0;
  bool open_ = false;
};

inline HttpOptions options_with(std::size_t workers, HttpLimits limits = {}) {
  HttpOptions options;
  options.workers = workers;
  options.limits = limits;
  return options;
}

class RunningServer {
 public:
  explicit RunningServer(HttpHandler handler = echo, HttpOptions options = options_with(4))
      : server_(std::move(options), std::move(handler), logger_) {
    server_.start();
  }
  HttpServer* operator->() { return &server_; }
  RawClient connect() { return RawClient{server_.port()}; }
  /// One request on a connection of its own.
  RawResponse exchange(std::string_view request) { return connect().exchange(request); }
  const MemoryLogger& logger() const { return logger_; }

 private:
  MemoryLogger logger_;
  HttpServer server_;
};

}  // namespace ticketing::test
