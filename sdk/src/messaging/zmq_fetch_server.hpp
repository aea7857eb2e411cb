#pragma once
// FetchServer: answers questions about the logs hosted here over a ROUTER socket, on a thread of
// its own, so that a consumer that catches up does not hold back what is live.

#include <atomic>
#include <string>
#include <thread>
#include <zmq.hpp>

#include "messaging/fetch_answer.hpp"
#include "messaging/zmq_gate.hpp"
#include "messaging/zmq_socket.hpp"

namespace ticketing::zmq_driver {

class FetchServer {
 public:
  FetchServer(zmq::context_t& context, const BusOptions& options, const std::string& local_endpoint,
              Gate& gate, Logger& logger);
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
  wire::Frames answer(const Sender& sender, const std::string& line);
  /// nullptr: one from whom nothing is kept.
  const AllowedPeer* peer_of(const Sender& sender) const;
  /// Whether a peer speaks of consumers of its own.
  Speaker speaker(const AllowedPeer& peer, const std::string& line);
  void warn(const AllowedPeer& peer, const char* what, const std::string& reason);

  zmq::socket_t socket_;
  const BusSecurity* security_;
  Logger& logger_;
  RateLimit limit_;
  std::string announced_ = "-";
  HostedLogs logs_;
  Bell bell_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ticketing::zmq_driver
