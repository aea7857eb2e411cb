#include "ticketing/http/server.hpp"

#include <thread>
#include <vector>

#include "http/event_loop.hpp"
#include "http/listener.hpp"
#include "http/shared.hpp"
#include "http/worker.hpp"

namespace ticketing {

/// Starts the threads and ends them in an order that leaves nobody with a dead connection.
class HttpServer::Impl {
 public:
  Impl(HttpOptions options, HttpHandler handler, Logger& logger)
      : shared_(std::move(options), std::move(handler), logger) {}

  void start() {
    TICKETING_ASSERT(!loop_);
    http::UniqueFd listener = http::listen_on(shared_.options.listen);
    port_ = http::bound_port(listener.get());
    loop_ = std::make_unique<http::EventLoop>(shared_, std::move(listener));
    threads_.emplace_back([this] { loop_->run(); });
    for (std::size_t i = 0; i < shared_.options.workers; ++i) {
      threads_.emplace_back([this] { http::Worker{shared_, *loop_}.run(); });
    }
  }

  void stop(std::chrono::milliseconds grace) {
    if (threads_.empty()) return;
    shared_.room.close();
    loop_->stop(std::chrono::steady_clock::now() + grace);
    threads_.front().join();
    shared_.queue.close();
    for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
    threads_.clear();
  }

  std::uint16_t port() const { return port_; }
  void wake() { shared_.room.wake(); }

  HttpStats stats() const {
    const http::Counters& counters = shared_.counters;
    return {counters.connections_open, counters.requests, counters.refused_overload,
            counters.refused_limits};
  }

 private:
  http::Shared shared_;
  std::uint16_t port_ = 0;
  std::unique_ptr<http::EventLoop> loop_;
  std::vector<std::thread> threads_;  ///< The loop's first, then the workers'.
};

HttpServer::HttpServer(HttpOptions options, HttpHandler handler, Logger& logger)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler), logger)) {}

HttpServer::~HttpServer() { stop(std::chrono::milliseconds{0}); }

void HttpServer::start() { impl_->start(); }
std::uint16_t HttpServer::port() const { return impl_->port(); }
void HttpServer::wake() { impl_->wake(); }
void HttpServer::stop(std::chrono::milliseconds grace) { impl_->stop(grace); }
HttpStats HttpServer::stats() const { return impl_->stats(); }

}  // namespace ticketing
