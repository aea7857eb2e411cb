#pragma once
// FetchServer: answers questions about the logs hosted here over a ROUTER socket, on a thread of
// its own, so that a consumer that catches up does not hold back what is live.

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <zmq.hpp>

#include "messaging/zmq_socket.hpp"
#include "ticketing/messaging/bus.hpp"

namespace ticketing::zmq_driver {

class FetchServer {
 public:
  FetchServer(zmq::context_t& context, const BusOptions& options, const std::string& local_endpoint,
              Logger& logger);
  ~FetchServer() { stop(); }

  /// Before start().
  void host(HostedLog log);
  void start();
  void stop();
  /// What subscribers are told: `tcp://*:port`, or `-` when only this process can fetch.
  const std::string& announced() const { return announced_; }

 private:
  void serve();
  void answer_waiting();
  wire::Frames answer(const std::string& line);

  zmq::socket_t socket_;
  Logger& logger_;
  std::string announced_ = "-";
  std::map<std::string, HostedLog, std::less<>> logs_;
  Bell bell_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ticketing::zmq_driver
