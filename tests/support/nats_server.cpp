#include "support/nats_server.hpp"

#include <nats/nats.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "support/eventually.hpp"
#include "ticketing/nats/nats.hpp"

namespace ticketing::test {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::int64_t kPatienceMs = 5'000;

/// TICKETING_TEST_NATS_SERVER names another one, for tests of a newer version. Debian has it where
/// only root looks by itself.
std::string program() {
  const char* const other = std::getenv("TICKETING_TEST_NATS_SERVER");
  if (other != nullptr) return other;
  for (const char* path :
       {"/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"}) {
    if (fs::exists(path)) return path;
  }
  throw std::runtime_error("nats-server is missing; run tools/install_dependencies servers");
}

}  // namespace

NatsServer::NatsServer(bool with_jetstream, std::vector<std::string> arguments)
    : with_jetstream_(with_jetstream), arguments_(std::move(arguments)), port_(free_port()) {
  start();
}

NatsServer::~NatsServer() { kill(); }

void NatsServer::start() {
  Command command{program(), {"-a", "127.0.0.1", "-p", std::to_string(port_)}, {}, {}};
  if (with_jetstream_) {
    command.arguments.insert(command.arguments.end(), {"-js", "-sd", folder_.file("store")});
  }
  command.arguments.insert(command.arguments.end(), arguments_.begin(), arguments_.end());
  process_ = std::make_unique<Process>(command);
  const bool up = eventually([&] { return !process_->running() || answers(); }, 30s);
  if (!up || !process_->running()) {
    throw std::runtime_error("nats-server does not start: " + process_->err());
  }
}

bool NatsServer::answers() const {
  if (!arguments_.empty()) return process_->err().find("Server is ready") != std::string::npos;
  try {
    return with_jetstream_ ? ask("INFO").find("\"memory\"") != std::string::npos
                           : process_->err().find("Server is ready") != std::string::npos;
  } catch (const std::runtime_error&) {
    return false;
  }
}

void NatsServer::kill() {
  if (process_ && process_->running()) process_->kill();
}

void NatsServer::stop() { process_->terminate(30s); }

void NatsServer::keep_store() const {
  fs::remove_all(folder_.file("kept"));
  fs::copy(folder_.file("store"), folder_.file("kept"), fs::copy_options::recursive);
}

void NatsServer::restore_store() const {
  fs::remove_all(folder_.file("store"));
  fs::copy(folder_.file("kept"), folder_.file("store"), fs::copy_options::recursive);
}

void NatsServer::wipe_store() const { fs::remove_all(folder_.file("store")); }

std::string NatsServer::ask(const std::string& what, const std::string& question) const {
  return request("$JS.API." + what, question);
}

std::string NatsServer::publish(const std::string& subject, const std::string& body) const {
  return request(subject, body);
}

std::string NatsServer::request(const std::string& subject, const std::string& body) const {
  natsConnection* connection = nullptr;
  natsMsg* answer = nullptr;
  natsStatus status = natsConnection_ConnectTo(&connection, url().c_str());
  if (status == NATS_OK) {
    status = natsConnection_RequestString(&answer, connection, subject.c_str(), body.c_str(),
                                          kPatienceMs);
  }
  std::string text;
  if (status == NATS_OK) {
    text.assign(natsMsg_GetData(answer), static_cast<std::size_t>(natsMsg_GetDataLength(answer)));
  }
  natsMsg_Destroy(answer);
  natsConnection_Destroy(connection);
  if (status != NATS_OK) throw std::runtime_error(subject + ": " + natsStatus_GetText(status));
  return text;
}

NatsServer& nats_server() {
  static NatsServer server;
  return server;
}

bool tests_use_nats() {
  static const bool use = [] {
    const char* const bus = std::getenv("TICKETING_TEST_BUS");
    if (bus == nullptr || std::string_view{bus}.empty() || std::string_view{bus} == "zmq") {
      return false;
    }
    if (std::string_view{bus} != "nats") {
      throw std::runtime_error("TICKETING_TEST_BUS is neither unset nor zmq nor nats");
    }
    use_nats();
    return true;
  }();
  return use;
}

}  // namespace ticketing::test
