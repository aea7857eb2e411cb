#include "support/marketplace.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "support/eventually.hpp"
#include "support/postgres_server.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing::test {

namespace {

struct Prefix {
  std::string_view path;
  std::string_view service;
};
constexpr std::array<Prefix, 3> kPrefixes{
    {{"/api/tickets", "tickets"}, {"/api/orders", "orders"}, {"/api/payments", "payments"}}};

std::string loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace

std::string folder_of_programs() {
  const char* folder = std::getenv("TICKETING_TEST_PROGRAMS");
  return folder == nullptr ? TICKETING_PROGRAMS : folder;
}

std::string path_of_program(const std::string& name) { return folder_of_programs() + "/" + name; }

bool wants_keys() { return std::getenv("TICKETING_TEST_BUS_KEYS") != nullptr; }

Marketplace::Marketplace(MarketplaceOptions options)
    : options_(std::move(options)),
      database_(options_.postgres ? postgres_server().create_database() : "sqlite:"),
      nats_(options_.nats ? std::make_unique<NatsServer>() : nullptr) {
  for (const std::string& host : hosts()) {
    ports_[host] = {free_port(), free_port(), free_port()};
  }
  if (options_.keys) make_keys();
  for (const std::string& host : hosts()) start_host(host);
  wait_until_ready();
}

void Marketplace::make_keys() const {
  std::vector<std::string> names = hosts();
  names.emplace_back("operator");
  std::ofstream allow{allow_file()};
  for (const std::string& name : names) {
    const KeyPair keys = make_key_pair();
    write_key_pair(key_file(name), name, keys);
    allow << AllowedPeer{{name}, keys.public_key, {"*"}}.line() << '\n';
  }
}

std::vector<std::string> Marketplace::hosts() const {
  std::vector<std::string> all;
  for (int i = 0; i < options_.instances; ++i) {
    for (const std::string& service : options_.start_order) {
      if (options_.layout == Layout::five || service == "auth") all.push_back(host_of(service, i));
    }
  }
  return all;
}

std::string Marketplace::origin_of(std::string_view path) const {
  std::string service = "auth";
  for (const Prefix& prefix : kPrefixes) {
    if (path.starts_with(prefix.path)) service = prefix.service;
  }
  const int instance =
      static_cast<int>(next_instance_++ % static_cast<unsigned>(options_.instances));
  return "http://" + loopback(ports_.at(host_of(service, instance)).api);
}

std::string Marketplace::bus_of(const std::string& service) const {
  return "tcp://" + loopback(ports_.at(host_of(service)).bus);
}

Command Marketplace::command_for(const std::string& host) const {
  const bool all = options_.layout == Layout::one;
  const Ports& ports = ports_.at(host);
  const std::string program = host.substr(0, host.find(' '));
  Command command{path_of_program(all ? program : "ticketing-" + program), {}, {}, {}};
  const auto add = [&](const std::string& name, const std::string& value) {
    command.arguments.push_back("--" + name);
    command.arguments.push_back(value);
  };
  add("listen", loopback(ports.api));
  add("admin", loopback(ports.admin));
  if (nats_) add("bus", nats_->url());
  add("bus-bind", "tcp://" + loopback(ports.bus));
  add("data-dir", folder_.path());
  add("database", database_);
  add("log-level", "warning");
  if (options_.dev) command.arguments.emplace_back("--dev");
  // All visitors have one address.
  if (all || program == "auth") add("sign-ups-a-minute", "1000000");
  if (options_.keys) {
    add("bus-key", key_file(host));
    add("bus-allow", allow_file());
  }
  if (all || program == "orders") add("hold", options_.hold);
  if (all || program == "orders" || program == "payments") {
    add("payment-attempts", std::to_string(options_.payment_attempts));
  }
  if (all) return command;
  for (const auto& [peer, its_ports] : ports_) {
    const bool is_first = peer.find(' ') == std::string::npos;
    if (is_first && peer != program && !nats_) {
      add("peer", peer + "=tcp://" + loopback(its_ports.bus));
    }
  }
  if (program != "auth") add("jwks", origin_of("/.well-known") + "/.well-known/jwks.json");
  return command;
}

void Marketplace::start(const std::string& service, int instance) {
  start_host(host_of(service, instance));
}

void Marketplace::start_host(const std::string& host) {
  Command command = command_for(host);
  if (options_.adjust) options_.adjust(host, command);
  programs_.erase(host);
  programs_.emplace(host, Process{command});
}

bool Marketplace::ready(const std::string& service, int instance) const {
  return is_ready(host_of(service, instance));
}

bool Marketplace::is_ready(const std::string& host) const {
  try {
    return ask(host, "/readyz").status == 200;
  } catch (const Error&) {
    return false;
  }
}

void Marketplace::wait_until_ready() {
  for (const std::string& host : hosts()) {
    const auto settled = [&] { return is_ready(host) || !programs_.at(host).running(); };
    if (!eventually(settled) || !programs_.at(host).running()) {
      throw std::runtime_error(host + " did not get ready: " + programs_.at(host).err());
    }
  }
}

std::map<std::string, std::optional<int>> Marketplace::stop() {
  std::map<std::string, std::optional<int>> statuses;
  for (auto& [host, program] : programs_) program.send_signal(SIGTERM);
  for (auto& [host, program] : programs_) statuses[host] = program.wait(kDeadline);
  return statuses;
}

Response Marketplace::admin(const std::string& service, const std::string& path,
                            int instance) const {
  return ask(host_of(service, instance), path);
}

Response Marketplace::ask(const std::string& host, const std::string& path) const {
  HttpClient client{"http://" + loopback(ports_.at(host).admin)};
  return client.send("GET", path);
}

std::vector<Following> Marketplace::following() const {
  std::vector<Following> all;
  for (const std::string& host : hosts()) {
    auto page = from_json<Readiness>(ask(host, "/readyz").body);
    std::move(page.subscriptions.begin(), page.subscriptions.end(), std::back_inserter(all));
  }
  return all;
}

std::int64_t Marketplace::gauge(const std::string& name, const std::string& service) const {
  const std::string page = admin(service, "/metrics").body;
  const std::string start = "\n" + name + "{service=\"" + service + "\"} ";
  const std::size_t at = page.find(start);
  if (at == std::string::npos) throw std::runtime_error("no gauge " + start + " in " + page);
  return std::stoll(page.substr(at + start.size()));
}

bool Marketplace::at_rest() const {
  try {
    std::map<std::string, std::int64_t> heads;
    for (const std::string& service : kServices) {
      heads[service] = gauge("ticketing_log_head", service);
    }
    const auto followed = following();
    const bool all = std::all_of(followed.begin(), followed.end(), [&](const Following& one) {
      return one.caught_up && one.lag == 0 && one.applied == heads.at(one.log);
    });
    if (!all) return false;
    // What was applied last may have led to new events.
    return std::all_of(kServices.begin(), kServices.end(), [&](const std::string& service) {
      return gauge("ticketing_log_head", service) == heads.at(service);
    });
  } catch (const Error&) {
    return false;
  }
}

std::string Marketplace::logs() const {
  std::string text;
  for (const auto& [host, program] : programs_) text += program.err();
  return text;
}

}  // namespace ticketing::test
