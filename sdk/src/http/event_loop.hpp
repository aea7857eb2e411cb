#pragma once
// EventLoop: the one thread that waits for the network. It accepts, collects whole requests for
// the workers, refuses what breaks a limit, sends what a worker could not, and watches deadlines.
//
// run() belongs to its thread; give_back() and stop() may be called from any.

#include <sys/epoll.h>

#include <array>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "http/httplib_adapter.hpp"
#include "http/shared.hpp"

namespace ticketing::http {

class EventLoop {
 public:
  /// Borrows `shared`.
  EventLoop(Shared& shared, UniqueFd listener);

  /// Serves until stopped. Afterwards nobody accepts, and the sockets that are left are shut
  /// down, but their connections live as long as this: workers may still hold some.
  void run();
  /// Takes the baton from a worker. `waits_for_socket`: only the socket can bring news, so the
  /// loop need not be told unless it has done so already.
  void give_back(Connection& connection, bool waits_for_socket);
  /// Makes run() close what is idle, and return when all is closed or at `until`.
  void stop(SteadyTime until);

 private:
  // Waiting and housekeeping: event_loop.cpp.
  void wait_for_events();
  int wait_milliseconds(SteadyTime now);
  void dispatch(const epoll_event& event);
  void take_returned();
  void release_waiting();
  void check_deadlines();
  void stop_accepting();
  void expire(Connection& connection);
  bool stopping() const { return stop_until_.load() != SteadyTime::max(); }

  // Connections coming and going: event_loop.cpp.
  void accept_some();
  void admit(UniqueFd socket, const std::string& address);
  void pause_accepting(bool pause);
  void close(Connection& connection);

  // One connection that the loop holds: event_loop_io.cpp. Any of these may close it.
  void proceed(Connection& connection, bool to_the_end);
  void read(Connection& connection, bool to_the_end);
  /// Feeds the collector; true when the connection wants more bytes.
  bool collect(Connection& connection, std::string_view bytes, bool more_to_read);
  bool await_rest(Connection& connection, bool was_empty);
  bool hand_to_worker(Connection& connection, bool more_to_read);
  void refuse(Connection& connection, const Refusal& refusal);
  /// True when the connection is ready for its next request.
  bool send_answer(Connection& connection, int status, const Refusal& refusal, bool after_head);
  bool finish_writing(Connection& connection);
  void start_draining(Connection& connection);
  void drain(Connection& connection);
  /// Makes epoll look at the socket again, since an edge is not repeated.
  void rearm(Connection& connection);

  Shared& shared_;
  HttplibAdapter httplib_;
  UniqueFd epoll_;
  UniqueFd listener_;
  bool accepting_ = false;
  bool done_ = false;
  SteadyTime next_check_{};
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;  ///< By descriptor.
  std::unordered_map<std::string, std::size_t> per_address_;
  std::array<epoll_event, 256> events_{};
  std::array<char, 64 << 10> input_{};

  std::atomic<SteadyTime> stop_until_{SteadyTime::max()};
  std::mutex returned_mutex_;
  std::vector<Connection*> returned_;
};

}  // namespace ticketing::http
