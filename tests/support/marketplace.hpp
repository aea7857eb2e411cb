#pragma once
// Marketplace: the five services as real processes on free ports of the loopback, in one program
// (ticketd) or in five, with a data folder of their own.
//
// Started and stopped on the test's main thread (see Process); origin_of() and whatever only asks
// over HTTP: any thread.

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "support/nats_server.hpp"
#include "support/postgres_server.hpp"
#include "support/process.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/core/record.hpp"
#include "ticketing/http/client.hpp"

namespace ticketing::test {

enum class Layout { one, five };
/// For the messages of GoogleTest.
inline void PrintTo(Layout layout, std::ostream* out) {
  *out << (layout == Layout::one ? "ticketd" : "five processes");
}

/// The services in the order of their ports; also one order to start them in.
inline const std::vector<std::string> kServices{"auth", "tickets", "orders", "expiration",
                                                "payments"};

/// Whether TICKETING_TEST_BUS_KEYS is set.
bool wants_keys();

struct MarketplaceOptions {
  Layout layout = Layout::one;
  std::vector<std::string> start_order = kServices;  ///< Of five.
  std::string hold = "15m";
  int payment_attempts = 1;
  bool postgres = tests_use_postgres();
  bool nats = tests_use_nats();
  int instances = 1;  ///< Of each program: more than one takes a database server.
  bool dev = false;   ///< Cookies without Secure.
  /// The bus is encrypted, and each program has a key of its own. By default when the variable
  /// TICKETING_TEST_BUS_KEYS says so: any test can be run over CURVE.
  bool keys = wants_keys();
  /// Changes how a program is started, as its environment; `host` is its service, or `ticketd`.
  std::function<void(const std::string& host, Command&)> adjust = nullptr;
};

/// How far one service has applied one log, as /readyz tells it.
struct Following {
  std::string service;
  std::string log;
  bool caught_up = false;
  std::int64_t lag = 0;
  std::int64_t applied = 0;
  std::optional<std::string> refusal;

  static constexpr std::array kFields{
      field<&Following::service>("service"),    field<&Following::log>("log"),
      field<&Following::caught_up>("caughtUp"), field<&Following::lag>("lag"),
      field<&Following::applied>("applied"),    field<&Following::refusal>("refusal"),
  };
};

/// The page /readyz.
struct Readiness {
  bool ready = false;
  std::vector<Following> subscriptions;
  static constexpr std::array kFields{field<&Readiness::ready>("ready"),
                                      field<&Readiness::subscriptions>("subscriptions")};
};

class Marketplace {
 public:
  /// Starts all, and returns when all are ready. Throws when they do not get there.
  explicit Marketplace(MarketplaceOptions options = {});

  const MarketplaceOptions& options() const { return options_; }
  const std::string& data_dir() const { return folder_.path(); }
  /// Where all databases are; `sqlite:` for files in the data folder.
  const std::string& database() const { return database_; }
  /// Of the next start on: where what is stored has been moved to.
  void store_in(const std::string& database) { database_ = database; }
  std::string database_of(const std::string& service) const {
    return folder_.file(service + ".db");
  }
  /// What carries the events, where TICKETING_TEST_BUS says so; nullptr: the programs themselves.
  NatsServer* nats() const { return nats_.get(); }
  /// Where a request for `path` goes: `http://127.0.0.1:PORT`; each time another instance.
  std::string origin_of(std::string_view path) const;
  /// Where the events of `service` are: `tcp://127.0.0.1:PORT`.
  std::string bus_of(const std::string& service) const;
  /// With keys: whom each program lets in, itself and `operator` among them.
  std::string allow_file() const { return folder_.file("peers.allow"); }
  /// Not `auth.key`: the key that signs tokens is called so.
  std::string key_file(const std::string& name) const {
    return folder_.file("bus-" + name + ".key");
  }
  /// The program that runs `service`.
  Process& process_of(const std::string& service) { return programs_.at(host_of(service)); }

  /// kill -9 of the program that runs `service`, or of another instance of it.
  void kill(const std::string& service, int instance = 0) {
    programs_.at(host_of(service, instance)).kill();
  }
  /// Starts it again: the same ports, the same data. Does not wait.
  void start(const std::string& service, int instance = 0);
  bool ready(const std::string& service, int instance = 0) const;
  void wait_until_ready();
  /// SIGTERM to all; what each exited with, by program.
  std::map<std::string, std::optional<int>> stop();

  /// The page of a program's admin port; Error(unavailable) when it is down.
  Response admin(const std::string& service, const std::string& path, int instance = 0) const;
  /// Of all instances.
  std::vector<Following> following() const;
  /// A gauge of one service, as `ticketing_log_head`.
  std::int64_t gauge(const std::string& name, const std::string& service) const;
  /// True when every log is applied to its end by all who follow it.
  bool at_rest() const;
  /// All that the programs have written to stderr since they were last started.
  std::string logs() const;

 private:
  struct Ports {
    std::uint16_t api, admin, bus;
  };

  /// A program and its place among the instances of it, as `orders` or `orders 1`.
  std::string host_of(const std::string& service, int instance = 0) const {
    const std::string program = options_.layout == Layout::one ? "ticketd" : service;
    return instance == 0 ? program : program + " " + std::to_string(instance);
  }
  std::vector<std::string> hosts() const;
  void start_host(const std::string& host);
  bool is_ready(const std::string& host) const;
  Response ask(const std::string& host, const std::string& path) const;
  void make_keys() const;
  Command command_for(const std::string& host) const;

  MarketplaceOptions options_;
  TempFolder folder_;
  std::string database_;
  const std::unique_ptr<NatsServer> nats_;
  std::map<std::string, Ports> ports_;  ///< By host.
  mutable std::atomic<unsigned> next_instance_{0};
  std::map<std::string, Process> programs_;  ///< Behind the folder: gone before it.
};

/// The programs that are under test, as `ticketing-auth`.
std::string path_of_program(const std::string& name);
std::string folder_of_programs();

}  // namespace ticketing::test
