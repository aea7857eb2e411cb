#pragma once
// Publisher: the live side of the logs hosted here: XPUB sockets, a relay per log, heartbeats, and
// the answer to a join. Belongs to the bus's thread once started.
//
// There are two sockets, since libzmq cannot safely be told which subscriptions to take (ADR 15):
// one carries all events, for peers that may read all; one carries heartbeats alone, for the
// others, who fetch what they may.

#include <map>
#include <optional>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "messaging/zmq_gate.hpp"
#include "ticketing/messaging/bus.hpp"
#include "ticketing/messaging/relay.hpp"

namespace ticketing::zmq_driver {

class Publisher {
 public:
  using Time = std::chrono::nanoseconds;

  Publisher(zmq::context_t& context, const BusOptions& options, const std::string& local_endpoint,
            Gate& gate);

  void host(const HostedLog& log, const std::string& fetch_endpoint);
  void committed(const std::string& log, std::vector<LogEntry> entries);
  /// Answers joins that wait, a bounded number; true when more may wait.
  bool answer_joins();
  /// Beats when it is time. Returns when it has to be called at the latest.
  Time step(Time now);

  void append_poll_items(std::vector<zmq::pollitem_t>& items);
  /// The bound TCP endpoints, or empty.
  const std::string& endpoint() const { return endpoint_; }
  const std::string& limited_endpoint() const { return limited_endpoint_; }

 private:
  bool answer_joins(zmq::socket_t& socket);
  wire::Frames positions(std::string topic) const;

  zmq::socket_t socket_;
  std::optional<zmq::socket_t> limited_;
  std::string endpoint_;
  std::string limited_endpoint_;
  std::chrono::milliseconds beat_;
  Time next_beat_{0};
  Time next_ring_{0};
  bool has_news_ = false;  ///< Committed since those that only hear heartbeats were told.
  std::map<std::string, Relay, std::less<>> relays_;
};

/// Binds and returns the endpoint with its real port. Throws Error(unavailable) with the reason.
std::string bind_socket(zmq::socket_t& socket, const std::string& endpoint);

}  // namespace ticketing::zmq_driver
