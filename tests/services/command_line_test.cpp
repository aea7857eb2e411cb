// A wrong flag, duration or URL, a port in use, a server that is down: one line that says what to
// do instead, and the exit status of CONTRACT section 8.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "support/eventually.hpp"
#include "support/marketplace.hpp"
#include "support/process.hpp"
#include "support/visitor.hpp"

namespace ticketing::test {
namespace {

constexpr int kUsage = 2;
constexpr int kUnavailable = 6;

const std::vector<std::string> kPrograms{
    "ticketd",          "ticketing-auth",       "ticketing-tickets",
    "ticketing-orders", "ticketing-expiration", "ticketing-payments"};

/// Exactly one line, which `says` so, on stderr.
void expect_one_line(const Outcome& outcome, int status, const std::string& says) {
  EXPECT_EQ(outcome.status, status) << outcome.err;
  EXPECT_NE(outcome.err.find(says), std::string::npos) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_TRUE(outcome.err.ends_with('\n')) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

class CommandLine : public testing::Test {
 protected:
  using Words = std::vector<std::string>;

  /// A command line that would start `program`, with more behind it. A flag that is given again
  /// takes the place of the first.
  Command command(const std::string& program, const Words& more) const {
    Words words{"--listen",   "127.0.0.1:0",       "--admin",    "127.0.0.1:0",
                "--bus-bind", "tcp://127.0.0.1:0", "--data-dir", folder_.file("data")};
    for (const std::string& word : more) {
      const auto same = std::find(words.begin(), words.end(), word);
      if (word.starts_with("--") && same != words.end()) words.erase(same, same + 2);
    }
    words.insert(words.end(), more.begin(), more.end());
    return {path_of_program(program), words, {}, {}};
  }
  Outcome run(const std::string& program, const Words& more) const {
    return run_to_end(command(program, more));
  }
  void expect_usage(const std::string& program, const Words& more, const std::string& says) const {
    expect_one_line(run(program, more), kUsage, says);
  }

  TempFolder folder_;
};

TEST_F(CommandLine, a_wrong_word_is_refused_by_every_program) {
  for (const std::string& program : kPrograms) {
    expect_usage(program, {"--nonsense"}, "see --help");
    expect_usage(program, {"stray"}, "unexpected argument \"stray\"; see --help");
    expect_usage(program, {"--data-dir"}, "see --help");
    expect_usage(program, {"--dev=perhaps"}, "see --help");
  }
}

TEST_F(CommandLine, a_bad_address_is_refused_by_every_program) {
  for (const std::string& program : kPrograms) {
    for (const std::string flag : {"--listen", "--admin"}) {
      for (const std::string bad : {"nonsense", "8080", ":8080", "127.0.0.1:99999",
                                    "host:", "127.0.0.1:http", "http://127.0.0.1:x"}) {
        expect_usage(program, {flag, bad}, "write host:port, as in 127.0.0.1:8080");
      }
    }
  }
}

TEST_F(CommandLine, a_bad_duration_is_refused) {
  for (const std::string bad : {"tomorrow", "15", "-1s", "1.5h", "15 m", "", "99999999999999h"}) {
    expect_usage("ticketd", {"--hold", bad}, "write 250ms, 5s, 15m or 12h");
    expect_usage("ticketing-auth", {"--token-lifetime", bad}, "write 250ms, 5s, 15m or 12h");
  }
  expect_usage("ticketd", {"--hold", "0s"}, "--hold must be longer than 0, as in 15m");
  expect_usage("ticketing-auth", {"--token-lifetime", "0s"}, "--token-lifetime must be longer");
}

TEST_F(CommandLine, a_bad_number_is_refused) {
  for (const std::string bad : {"many", "-1", "1.5", "", "99999999999999999999"}) {
    expect_usage("ticketd", {"--payment-attempts", bad}, "write a whole number, as in 3");
    expect_usage("ticketd", {"--http-workers", bad}, "write a whole number, as in 3");
  }
  expect_usage("ticketd", {"--payment-attempts", "0"}, "--payment-attempts must be at least 1");
  expect_usage("ticketd", {"--http-workers", "0"}, "--http-workers must be at least 1");
}

TEST_F(CommandLine, a_bad_choice_is_refused) {
  expect_usage("ticketd", {"--log-level", "loud"}, "write debug, info, warning or error");
  expect_usage("ticketd", {"--payment-provider", "paypal"}, "write sandbox");
  expect_usage("ticketd", {"--services", "nothing"}, "write all, or some of auth,");
  expect_usage("ticketd", {"--database", "mysql://localhost"}, "write sqlite:");
  expect_usage("ticketd", {"--database", "sqlite:elsewhere.db"}, "write sqlite:");
  expect_usage("ticketd", {"--dev", "--listen", "0.0.0.0:0"}, "write --listen 127.0.0.1:8080");
}

TEST_F(CommandLine, a_bad_url_is_refused) {
  const Words peers{"--peer", "orders=tcp://127.0.0.1:7103", "--peer", "auth=tcp://127.0.0.1:7101"};
  const auto with = [](Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  for (const std::string bad : {"udp://127.0.0.1:1", "tcp://", "tcp://127.0.0.1", "nonsense"}) {
    expect_usage("ticketd", {"--bus-bind", bad}, "write tcp://127.0.0.1:7101");
    expect_usage("ticketing-tickets",
                 {"--jwks", "http://127.0.0.1:9/", "--peer", "orders=" + bad, "--peer",
                  "auth=tcp://127.0.0.1:7101"},
                 "tcp://127.0.0.1:71");
  }
  for (const char* off_host : {"tcp://0.0.0.0:7100", "tcp://*:7100", "tcp://[::]:7100",
                               "tcp://eth0:7100", "tcp://example.com:7100"}) {
    expect_usage("ticketd", {"--bus-bind", off_host}, "give --bus-key and --bus-allow");
  }
  expect_usage("ticketd", {"--peer", "garbage"}, "as in orders=tcp://127.0.0.1:7103");
  expect_usage("ticketd", {"--peer", "orders=garbage"}, "as in orders=tcp://127.0.0.1:7103");
  expect_usage("ticketing-tickets", with(peers, {"--jwks", "ftp://127.0.0.1/x"}),
               "http://127.0.0.1:8101/.well-known/jwks.json");
  expect_usage("ticketing-tickets", with(peers, {"--jwks", "https://127.0.0.1/x"}),
               "http://127.0.0.1:8101/.well-known/jwks.json");
  expect_usage("ticketing-tickets", with(peers, {"--jwks", "http://"}), "http://host:port");
}

TEST_F(CommandLine, what_a_service_cannot_do_without_is_asked_for) {
  const Words jwks{"--jwks", "http://127.0.0.1:9/"};
  expect_usage("ticketing-tickets", jwks, "--peer auth=tcp://127.0.0.1:PORT");
  expect_usage("ticketing-payments",
               {"--peer", "orders=tcp://127.0.0.1:7103", "--peer", "auth=tcp://127.0.0.1:7101"},
               "--jwks http://127.0.0.1:8101/.well-known/jwks.json");
}

TEST_F(CommandLine, a_bad_variable_and_a_bad_file_are_named) {
  Command with_variable = command("ticketd", {});
  with_variable.variables = {{"TICKETING_HOLD", "soon"}};
  expect_one_line(run_to_end(with_variable), kUsage, "TICKETING_HOLD: \"soon\" is not a value");
  const std::string path = folder_.file("ticketd.conf");
  for (const auto& [line, says] : std::vector<std::pair<std::string, std::string>>{
           {"hold = soon", "write 250ms, 5s, 15m or 12h"},
           {"nonsense = 1", "there is no option \"nonsense\""},
           {"hold", ":1: expected name = value"}}) {
    std::ofstream{path} << line << '\n';
    const Outcome outcome = run("ticketd", {"--config", path});
    expect_one_line(outcome, kUsage, says);
    EXPECT_NE(outcome.err.find(path), std::string::npos) << outcome.err;
  }
  expect_usage("ticketd", {"--config", folder_.file("missing")}, "cannot read the configuration");
}

TEST_F(CommandLine, help_and_version_are_everywhere) {
  std::vector<std::string> all = kPrograms;
  all.emplace_back("ticketctl");
  for (const std::string& program : all) {
    for (const std::string flag : {"--help", "--version"}) {
      const Outcome outcome = run_to_end({path_of_program(program), {flag}, {}, {}});
      EXPECT_EQ(outcome.status, 0) << program;
      EXPECT_NE(outcome.out, "") << program;
      EXPECT_EQ(outcome.err, "") << program;
    }
  }
}

TEST_F(CommandLine, a_port_in_use_is_told_with_the_flag_that_changes_it) {
  const Marketplace market;  // Uses the ports.
  const std::string in_use = market.origin_of("/").substr(sizeof("http://") - 1);
  const std::vector<std::pair<Words, std::string>> lines{
      {{"--listen", in_use}, "--listen"},
      {{"--admin", in_use}, "--admin"},
      {{"--bus-bind", "tcp://" + in_use}, "--bus-bind"}};
  for (const auto& [words, flag] : lines) {
    const Outcome outcome = run("ticketd", words);
    expect_one_line(outcome, kUnavailable, in_use);
    EXPECT_NE(outcome.err.find(flag), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("in use"), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(Visitor{market}.get("/api/tickets").status, 200);
}

// ---- ticketctl ----

class ClientCommandLine : public testing::Test {
 protected:
  Outcome run(std::vector<std::string> words) const {
    return run_to_end({path_of_program("ticketctl"),
                       std::move(words),
                       {{"HOME", folder_.path()},
                        {"XDG_STATE_HOME", folder_.path()},
                        {"TICKETING_PASSWORD", "correct horse"}},
                       {}});
  }
  TempFolder folder_;
};

TEST_F(ClientCommandLine, a_server_that_is_down_is_told) {
  const std::string server = "http://127.0.0.1:" + std::to_string(free_port());
  const std::vector<std::vector<std::string>> verbs{{"list"},
                                                    {"show", "x"},
                                                    {"whoami"},
                                                    {"orders"},
                                                    {"order", "x"},
                                                    {"sell", "x", "20"},
                                                    {"cancel", "x"},
                                                    {"pay", "x", "--token", "tok_visa"},
                                                    {"signin", "a@b.de"},
                                                    {"signup", "a@b.de"},
                                                    {"edit", "x", "--price", "20"}};
  for (std::vector<std::string> words : verbs) {
    words.insert(words.begin(), {"--server", server});
    const Outcome outcome = run(words);
    expect_one_line(outcome, kUnavailable, "cannot reach " + server);
    EXPECT_NE(outcome.err.find("start ticketd or pass --server"), std::string::npos);
  }
}

TEST_F(ClientCommandLine, wrong_usage_is_told) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> lines{
      {{}, "see ticketctl --help"},
      {{"lst"}, "did you mean 'list'?"},
      {{"--nonsense", "list"}, "there is no flag --nonsense"},
      {{"--server", "nonsense", "list"}, "http://host:port"},
      {{"--server", "ftp://x", "list"}, "http://host:port"},
      {{"sell", "x"}, "missing PRICE"},
      {{"sell", "x", "dear"}, "write dollars, as in 20 or 19.99"},
      {{"list", "--limit", "many"}, "--limit must be a whole number"}};
  for (const auto& [words, says] : lines) expect_one_line(run(words), kUsage, says);
}

}  // namespace
}  // namespace ticketing::test
