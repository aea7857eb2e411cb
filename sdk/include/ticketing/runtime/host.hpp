#pragma once
// Host: runs one service or several in this process: configuration, threads, sockets, signals.
//
// A program's main is one line:
//
//     int main(int argc, char** argv) {
//       return ticketing::run(argc, argv, {"tickets", "lists tickets for sale", {{"tickets",
//       &tickets::define}}});
//     }
//
// run() returns the exit status of the program: 0 after a clean stop (SIGTERM, SIGINT),
// 2 for a bad flag, 1 or 6 when it cannot start, with one line on stderr that says why.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ticketing/runtime/service.hpp"
#include "ticketing/runtime/settings.hpp"

namespace ticketing {

struct ServiceDefinition {
  std::string name;  ///< Also the name of its log and of its database file.
  std::function<void(Service&)> define;
  std::vector<Option> options = {};  ///< Beyond those that every service has.
};

struct Program {
  std::string name;
  std::string summary;
  std::vector<ServiceDefinition> services;
  /// Defaults of `--listen`, `--admin` and `--bus-bind`.
  std::string listen = "127.0.0.1:8080";
  std::string admin = "127.0.0.1:8081";
  std::string bus_bind = "tcp://127.0.0.1:7100";
};

/// Parses the command line and serves until a signal says stop.
int run(int argc, const char* const* argv, const Program& program);

/// The options that every program of the runtime has, and those of its services.
std::vector<Option> options_of(const Program& program);

/// A running program, for tests and for programs with a main of their own: serves from start() to
/// stop(). Throws Error when it cannot start.
class Host {
 public:
  /// Borrows all three.
  Host(const Program& program, const Settings& settings, Logger& logger);
  ~Host();

  void start();
  /// Not ready, drain, flush, close. At most a few seconds.
  void stop();
  /// Caught up with every log that is followed, able to commit and to verify tokens.
  bool ready() const;
  std::uint16_t port() const;
  std::uint16_t admin_port() const;
  std::string bus_endpoint() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing
