// The marketplace as five processes that speak CURVE, and what is refused before they start.

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "contract.hpp"
#include "support/eventually.hpp"
#include "ticketing/client/audit.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing::test {
namespace {

class BusKeys : public testing::Test {
 protected:
  BusKeys() : market_(options()) {}

  /// ticketctl as `name`, who has a key file beside those of the services.
  Outcome ticketctl(const std::string& name, std::vector<std::string> words) const {
    words.insert(words.end(), {"--server", market_.origin_of("/api/tickets"), "--bus-key",
                               market_.key_file(name), "--bus-allow", market_.allow_file()});
    for (const std::string& service : kServices) {
      words.insert(words.end(), {"--peer", service + "=" + market_.bus_of(service)});
    }
    return run_to_end({path_of_program("ticketctl"), words, {}, {}});
  }
  void sell_and_order() {
    Visitor seller{market_};
    Visitor buyer{market_};
    const OrderAnswer order = buyer.sign_up().reserve(seller.sign_up().sell().id);
    buyer.pay(order.id);
  }

  static MarketplaceOptions options() {
    MarketplaceOptions options;
    options.layout = Layout::five;
    options.keys = true;
    return options;
  }
  Marketplace market_;
};

TEST_F(BusKeys, an_operator_with_a_key_can_read_and_verify) {
  sell_and_order();
  const Outcome replay = ticketctl("operator", {"events", "replay", "order:created"});
  EXPECT_EQ(replay.status, 0) << replay.err;
  EXPECT_NE(replay.out.find("order:created"), std::string::npos);
  const Outcome verified = ticketctl("operator", {"verify", "--json"});
  EXPECT_EQ(verified.status, 0) << verified.err << verified.out;
  EXPECT_GT(from_json<AuditReport>(verified.out).events, 5);
}

TEST_F(BusKeys, strangers_are_told_and_counted) {
  write_key_pair(market_.key_file("stranger"), "stranger", make_key_pair());
  const Outcome stranger = ticketctl("stranger", {"events", "replay"});
  EXPECT_EQ(stranger.status, 4) << stranger.err;
  EXPECT_NE(stranger.err.find("does not let this process in"), std::string::npos) << stranger.err;
  EXPECT_EQ(stranger.out, "");
  const Outcome bare = run_to_end({path_of_program("ticketctl"),
                                   {"events", "replay", "--peer", market_.bus_of("auth")},
                                   {},
                                   {}});
  EXPECT_EQ(bare.status, 4) << bare.err;
  const auto counted = [&](const std::string& reason) {
    const std::string line = "ticketing_bus_handshake_failures_total{reason=\"" + reason + "\"}";
    return std::any_of(kServices.begin(), kServices.end(), [&](const std::string& service) {
      return market_.admin(service, "/metrics").body.find(line) != std::string::npos;
    });
  };
  // By the first that kept it out: it asked no other then.
  EXPECT_TRUE(counted("unknown_key"));
  // Who sees first that the two do not speak alike, leaves; the other sees that.
  EXPECT_TRUE(eventually([&] { return counted("protocol") || counted("broken_off"); }));
  EXPECT_NE(market_.logs().find("kept a peer out of the bus"), std::string::npos);
  for (const std::string& service : kServices) EXPECT_TRUE(market_.ready(service)) << service;
}

TEST_F(BusKeys, no_secret_is_written_anywhere_but_to_its_file) {
  sell_and_order();
  const std::string metrics = market_.admin("tickets", "/metrics").body;
  for (const std::string& service : kServices) {
    const std::string secret = read_key_pair(market_.key_file(service)).secret_key;
    EXPECT_EQ((market_.logs() + metrics).find(secret), std::string::npos) << service;
  }
}

class BusKeysRefused : public testing::Test {
 protected:
  BusKeysRefused() {
    write_key_pair(key_, "tickets", keys_);
    allow("tickets " + keys_.public_key + " *\n");
  }
  void allow(const std::string& lines) const { std::ofstream{allow_} << lines; }
  /// ticketing-tickets with these flags and peers ends with status 2 and says `wanted`.
  void expect_usage(std::vector<std::string> words, const std::string& wanted) const {
    words.insert(words.end(), {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data-dir",
                               folder_.file("data"), "--jwks", "http://127.0.0.1:1/none", "--peer",
                               "auth=tcp://127.0.0.1:1,orders=tcp://127.0.0.1:1"});
    const Outcome outcome = run_to_end({path_of_program("ticketing-tickets"), words, {}, {}});
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_NE(outcome.err.find(wanted), std::string::npos) << outcome.err;
  }

  TempFolder folder_;
  std::string key_ = folder_.file("tickets.key");
  std::string allow_ = folder_.file("peers.allow");
  KeyPair keys_ = make_key_pair();
};

TEST_F(BusKeysRefused, with_a_line_that_says_what_to_do) {
  const std::vector<std::string> both{"--bus-bind", "tcp://127.0.0.1:0", "--bus-key",
                                      key_,         "--bus-allow",       allow_};
  expect_usage(both, "write to " + allow_ + " the line: auth ");
  expect_usage({"--bus-key", key_}, "--bus-allow");
  expect_usage({"--bus-allow", allow_}, "ticketctl keys new");
  expect_usage({"--bus-bind", "tcp://127.0.0.1:0", "--bus-limited-bind", "tcp://127.0.0.1:0"},
               "--bus-limited-bind is for peers");
  allow("tickets\n");
  expect_usage(both, allow_ + ":1: expected NAME KEY SUBJECTS");
  ::chmod(key_.c_str(), 0644);
  expect_usage(both, "chmod 600 " + key_);
}

// ---- docs/how-to/set-up-keys.md ----

/// The page's commands, in order, with ports that are free in the place of those that it names.
std::string commands_of_page() {
  std::ifstream page{TICKETING_HOW_TO "/set-up-keys.md"};
  std::string commands;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      inside = line == "```sh";
    } else if (inside) {
      commands += line + '\n';
    }
  }
  for (const std::string port : {":7100", ":7110", ":7120"}) {
    const std::string free = ":" + std::to_string(free_port());
    for (auto at = commands.find(port); at != std::string::npos; at = commands.find(port)) {
      commands.replace(at, port.size(), free);
    }
  }
  return commands;
}

std::string last_line(std::string text) {
  text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

TEST(BusKeysHowTo, works_as_it_is_written) {
  const TempFolder folder;
  const std::string commands = commands_of_page();
  ASSERT_NE(commands.find("ticketctl events replay"), std::string::npos);
  const std::string limited = last_line(commands);  // `--peer …`, of the limited peer.
  const std::string script = "set -eu; trap 'kill $(jobs -p)' EXIT; cd " + folder.path() + "\n" +
                             commands + "echo done\n" +
                             "ticketctl events replay --bus-key keys/shipping.key " +
                             "--bus-allow keys/peers.allow " + limited + " || echo $?\n";
  const std::string here = "127.0.0.1:";
  const Outcome outcome = run_to_end({"/bin/bash",
                                      {"-c", script},
                                      {{"PATH", path_of_program("") + ":" + std::getenv("PATH")},
                                       {"TICKETING_LISTEN", here + std::to_string(free_port())},
                                       {"TICKETING_ADMIN", here + std::to_string(free_port())}},
                                      {}});
  EXPECT_EQ(outcome.status, 0) << script << outcome.err;
  EXPECT_NE(outcome.out.find("\ndone\n4\n"), std::string::npos) << outcome.out << outcome.err;
  EXPECT_NE(outcome.err.find("read all subjects"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace ticketing::test
