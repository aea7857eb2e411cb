#pragma once
// NatsServer: a NATS server with JetStream on a free port of the loopback, with its store in a
// folder of its own. Gone with this. One thread, but for url().

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_folder.hpp"

namespace ticketing::test {

class NatsServer {
 public:
  /// Starts it with `arguments` more; on return it answers.
  explicit NatsServer(bool with_jetstream = true, std::vector<std::string> arguments = {});
  ~NatsServer();
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;

  std::string url() const { return "nats://" + address(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  /// kill -9, as of a machine that stops.
  void kill();
  void stop();
  /// Starts it again: the same port, the same store. On return it answers.
  void start();
  /// While it is down: keeps what is stored, or puts it back as it was then, or forgets it.
  void keep_store() const;
  void restore_store() const;
  void wipe_store() const;

  /// Asks JetStream's API, as `STREAM.DELETE.TICKETING-tickets`; returns the answer.
  std::string ask(const std::string& what, const std::string& question = {}) const;
  /// Publishes, and returns the answer.
  std::string publish(const std::string& subject, const std::string& body) const;

 private:
  bool answers() const;
  std::string request(const std::string& subject, const std::string& body) const;

  TempFolder folder_;
  bool with_jetstream_;
  std::vector<std::string> arguments_;
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
};

/// That of this program, started when it is first asked for.
NatsServer& nats_server();

/// Whether TICKETING_TEST_BUS is `nats`; it may be unset, or `zmq`.
bool tests_use_nats();

}  // namespace ticketing::test
