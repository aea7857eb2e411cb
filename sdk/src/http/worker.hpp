#pragma once
// Worker: runs the handler on whole requests and sends what it answers, without ever waiting
// for the network. One object per thread.

#include "http/httplib_adapter.hpp"
#include "http/shared.hpp"

namespace ticketing::http {

class EventLoop;

class Worker {
 public:
  /// Borrows both.
  Worker(Shared& shared, EventLoop& loop) : shared_(shared), loop_(loop) {}

  /// Serves until the queue is closed.
  void run();

 private:
  void serve(Connection& connection);
  /// Runs the handler once; true when the answer stands in `connection.out`.
  bool attempt(Connection& connection, bool last);
  std::optional<Response> answer(Connection& connection, Request& parsed, bool last);
  std::optional<Response> call_handler(Connection& connection, bool last);
  Response failure(const Connection& connection, std::string_view reason);
  void finish(Connection& connection);
  /// Sends what the socket takes, and keeps the rest if there is memory for it.
  Sending send(Connection& connection);

  Shared& shared_;
  EventLoop& loop_;
  HttplibAdapter httplib_;
};

}  // namespace ticketing::http
