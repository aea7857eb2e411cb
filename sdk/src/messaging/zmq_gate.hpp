#pragma once
// Gate: watches the sockets that others connect to: answers libzmq's question about each key, and
// counts and logs the handshakes that failed. Decides nothing (see zap.hpp).
//
// Outlives the sockets that it guards: libzmq lets everybody in when nobody answers its questions.
// step() on one thread; failures() on any.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "messaging/rate_limit.hpp"
#include "messaging/zap.hpp"
#include "messaging/zmq_monitor.hpp"
#include "ticketing/core/log.hpp"

namespace ticketing::zmq_driver {

class Gate {
 public:
  /// Without `security` everybody is let in.
  Gate(zmq::context_t& context, std::shared_ptr<const BusSecurity> security, Logger& logger);

  const BusSecurity* security() const { return security_.get(); }
  /// Guards a socket by the rule of `domain` (zap.hpp). Before it binds.
  void guard(zmq::socket_t& socket, std::string_view domain);

  void append_poll_items(std::vector<zmq::pollitem_t>& items);
  /// Answers and notes what waits, a bounded amount; true when more may wait.
  bool step(std::chrono::nanoseconds now);
  /// By reason, since the start.
  std::map<std::string, std::uint64_t> failures() const;

 private:
  struct Guarded {
    std::string domain;
    Monitor monitor;
  };
  bool answer_one(std::chrono::nanoseconds now);
  bool note_failures(Guarded& guarded, std::chrono::nanoseconds now);
  void count(std::string_view reason);
  void log_refusal(const zap::Request& request, const zap::Verdict& verdict,
                   std::chrono::nanoseconds now);

  zmq::context_t& context_;
  std::shared_ptr<const BusSecurity> security_;
  Logger& logger_;
  std::optional<zmq::socket_t> questions_;
  std::vector<Guarded> guarded_;
  RateLimit limit_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> failures_;
};

}  // namespace ticketing::zmq_driver
