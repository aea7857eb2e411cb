#pragma once
// Connection: one client's socket and the request on it, with a baton that says whose it is.
//
// Everything but the baton is touched only by the holder of the baton: the event loop while it
// waits for the network, a worker (or the queue, or the waiting room) while a request runs.
// The descriptor stays registered edge-triggered all the time; an edge that comes while a worker
// holds the baton is noted in the baton, and the worker then hands the connection back by hand.
// So the usual answer costs no system call but send().

#include <atomic>
#include <chrono>
#include <string>
#include <utility>

#include "http/collector.hpp"
#include "http/doorbell.hpp"
#include "ticketing/http/server.hpp"

namespace ticketing::http {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Counted by many, read by stats().
struct Counters {
  std::atomic<std::uint64_t> connections_open{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused_overload{0};
  std::atomic<std::uint64_t> refused_limits{0};
  std::atomic<std::size_t> bytes_held{0};  ///< Of all requests and unsent answers.
};

struct Connection {
  enum class Baton : std::uint8_t {
    loop,
    worker,
    worker_with_event,  ///< A worker has it, and the socket has something to say meanwhile.
  };
  enum class Phase : std::uint8_t {
    reading,   ///< Idle, or collecting a request.
    writing,   ///< An answer did not fit into the socket, or was the last one.
    draining,  ///< Answered for the last time; input is thrown away until the client closes.
  };

  Connection(UniqueFd socket, std::string address, const HttpLimits& limits)
      : fd(std::move(socket)), remote(std::move(address)), collector(limits) {}

  std::atomic<Baton> baton{Baton::loop};
  Phase phase = Phase::reading;
  bool close_after = false;  ///< The answer under way is the last one.
  bool continue_sent = false;
  Connection* next_in_line = nullptr;  ///< In the work queue, which alone touches it.
  bool reads = false;                  ///< The request changes nothing: set by the work queue.
  bool seated = false;                 ///< Has a place in the waiting room.
  UniqueFd fd;
  std::string remote;
  RequestCollector collector;
  SteadyTime first_byte{};  ///< Of the request being collected.
  SteadyTime deadline{};    ///< For what the phase waits for.
  std::string out;          ///< The answer, as far as it is not sent.
  std::size_t sent = 0;
  std::size_t bytes_held = 0;  ///< This connection's share of Counters::bytes_held.

  // The request that is being run.
  std::string head;
  Request request;
  SteadyTime arrived{};
  std::size_t attempts = 0;
};

/// Ends a request's life, and that of its memory.
void forget_request(Connection& connection);

enum class Sending { done, blocked, failed };

/// Sends what is left of `out` as far as the socket takes it.
Sending send_out(Connection& connection);
/// Corrects the connection's share of the memory that all hold.
void hold(Connection& connection, std::size_t bytes, Counters& counters);
/// The id for a request: the client's own if it is sane, else a fresh one.
std::string request_id(const Request& request);

}  // namespace ticketing::http
