#pragma once
// Publisher: the live side of the logs hosted here: an XPUB socket, a relay per log, heartbeats,
// and the answer to a join. Belongs to the bus's thread once started.

#include <map>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "ticketing/messaging/bus.hpp"
#include "ticketing/messaging/relay.hpp"

namespace ticketing::zmq_driver {

class Publisher {
 public:
  Publisher(zmq::context_t& context, const BusOptions& options, const std::string& local_endpoint);

  void host(const HostedLog& log, const std::string& fetch_endpoint);
  void committed(const std::string& log, std::vector<LogEntry> entries);
  /// Answers joins that wait, a bounded number; true when more may wait.
  bool answer_joins();
  void beat();

  zmq::socket_t& socket() { return socket_; }
  /// The bound TCP endpoint, or empty.
  const std::string& endpoint() const { return endpoint_; }

 private:
  wire::Frames positions(std::string topic) const;

  zmq::socket_t socket_;
  std::string endpoint_;
  std::map<std::string, Relay, std::less<>> relays_;
};

/// Binds and returns the endpoint with its real port. Throws Error(unavailable) with the reason.
std::string bind_socket(zmq::socket_t& socket, const std::string& endpoint);

}  // namespace ticketing::zmq_driver
