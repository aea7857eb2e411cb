#pragma once
// HttpServer: an HTTP/1.1 server that holds up under hostile clients. cpp-httplib parses request
// lines and writes responses; around it stands a guard of our own.
//
// One thread waits for all connections in epoll and collects each request, headers and body,
// before any worker sees it; so a worker never waits on the network, an idle or dripping
// connection costs a descriptor and a bounded buffer, and every limit is checked in one place.
// Workers run the handler on whole requests. A full queue answers 503 with Retry-After.
// Chunked and compressed request bodies are refused (411, 415), which ends request smuggling.
//
// start(), stop() and the destructor belong to one thread; the handler runs on many at once.
// Throws Error(unavailable) when the address cannot be bound, with the reason.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/core/log.hpp"
#include "ticketing/http/message.hpp"

namespace ticketing {

struct HttpLimits {
  std::size_t header_bytes_max = 16 << 10;
  std::size_t header_lines_max = 100;
  std::size_t body_bytes_max = 1 << 20;
  std::size_t connections_max = 4096;
  std::size_t connections_per_address_max = 1024;
  std::size_t queue_max = 1024;  ///< Whole requests waiting for a worker.
  /// Requests that asked to be run again. As many as connections, of which one address has a part:
  /// so nobody can take all seats.
  std::size_t waiting_max = connections_max;
  /// Requests and unsent answers of all clients together. Beyond it uploads get 503, and a client
  /// that does not take its answer at once is cut off.
  std::size_t bytes_held_max = 8 << 20;
  /// From a request's first byte to its last header.
  std::chrono::milliseconds header_deadline{5'000};
  /// From a request's first byte to its last; also for sending an answer, and for waiting to be
  /// run again.
  std::chrono::milliseconds request_deadline{15'000};
  std::chrono::milliseconds idle_deadline{75'000};  ///< Keep-alive without a request.
};

struct HttpOptions {
  /// `host:port`; port 0 takes a free one. `[::1]:80` for IPv6.
  std::string listen = "127.0.0.1:0";
  std::size_t workers = 32;
  HttpLimits limits;
  /// Addresses whose X-Forwarded-For is believed; anybody else's is not looked at. They may have as
  /// many connections as there are.
  std::vector<std::string> trusted_proxies = {};
};

/// What a handler says: an answer, or "run me again": the request needs something that has not
/// arrived yet. It is run again after wake() (at most every 2 ms) and every 100 ms, on any worker,
/// with the same Request object, until it answers.
struct HandlerResult {
  std::optional<Response> response;  ///< Empty: wait for wake(), then run again.
};

/// How often the same request has been run before, and since when it has been waiting.
struct Attempt {
  std::size_t number = 0;              ///< 0 at the first run.
  std::chrono::nanoseconds waited{0};  ///< Since the request had arrived completely.
  bool last = false;  ///< Waiting is not possible (any more): the handler must answer now.
};

/// An Error that it throws becomes error_response(); any other exception becomes 500, with its
/// text in the log only.
using HttpHandler = std::function<HandlerResult(Request& request, const Attempt& attempt)>;

struct HttpStats {
  std::uint64_t connections_open = 0;
  std::uint64_t requests = 0;
  std::uint64_t refused_overload = 0;  ///< 503: too much queued, held or connected.
  std::uint64_t refused_limits = 0;    ///< 408, 411, 413, 415, 431, malformed.
};

class HttpServer {
 public:
  /// Borrows `logger`; it must outlive this.
  HttpServer(HttpOptions options, HttpHandler handler, Logger& logger);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds and listens, then serves in threads of its own.
  void start();
  /// The bound port; 0 before start().
  std::uint16_t port() const;
  /// Runs the waiting requests again. Any thread; cheap when none waits.
  void wake();
  /// Stops accepting, lets requests that have arrived finish (at most `grace`), closes the rest.
  /// Waiting requests are run for the last time. Handlers that run on are waited for.
  void stop(std::chrono::milliseconds grace);
  HttpStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing
