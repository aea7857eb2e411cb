#pragma once
// ScriptedServer: a real HttpServer on a free port that answers as the test says and remembers what
// it was asked. The script runs under a lock: one request at a time.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "ticketing/http/server.hpp"

namespace ticketing::testing {

class ScriptedServer {
 public:
  using Script = std::function<Response(const Request&)>;

  explicit ScriptedServer(Script script)
      : script_(std::move(script)),
        server_(
            options(), [this](Request& request, const Attempt&) { return answer(request); },
            null_logger()) {
    server_.start();
  }
  ~ScriptedServer() { server_.stop(std::chrono::seconds{1}); }

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  std::vector<Request> requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
  }
  Request last_request() const { return requests().back(); }

 private:
  static HttpOptions options() {
    HttpOptions options;
    options.workers = 2;
    return options;
  }

  HandlerResult answer(const Request& request) {
    const std::lock_guard lock{mutex_};
    requests_.push_back(request);
    return {script_(request)};
  }

  Script script_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  HttpServer server_;
};

}  // namespace ticketing::testing
