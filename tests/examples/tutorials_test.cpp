// The tutorials' commands, run word for word beside a real ticketd: what a reader would type, with
// what they are told to expect. Ports are other ones; ids and times are not compared.
//
// A block below `<!-- start -->` is a program that runs on, below `<!-- serve -->` one that is
// waited for. One below `<!-- run -->` ends by itself, and prints what stands below `<!-- prints
// -->`, if that follows; one below `<!-- comes to -->` is asked until it does.

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "support/eventually.hpp"
#include "support/marketplace.hpp"
#include "support/temp_folder.hpp"

namespace ticketing::test {
namespace {

struct Block {
  std::string mark;
  std::string text;
};

std::vector<Block> blocks_of(const std::string& page_name) {
  std::ifstream file{TICKETING_DOCS "/" + page_name};
  std::ostringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  static const std::regex kMark{"<!-- (?!from )"};
  static const std::regex kBlock{"<!-- (start|serve|run|comes to|prints) -->\n```\\w*\n([^`]*)```"};
  const std::sregex_iterator end;
  std::vector<Block> blocks;
  for (std::sregex_iterator at{page.begin(), page.end(), kBlock}; at != end; ++at) {
    blocks.push_back({(*at)[1], (*at)[2]});
  }
  const auto marks = std::distance(std::sregex_iterator{page.begin(), page.end(), kMark}, end);
  EXPECT_EQ(std::ssize(blocks), marks) << "some mark is not one of ours, or has no block";
  return blocks;
}

/// Ids and times are new in every run; curl ends no line.
std::string without_news(const std::string& text) {
  static const std::regex kId{"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"};
  static const std::regex kTime{"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"};
  std::string rest = std::regex_replace(std::regex_replace(text, kId, "ID"), kTime, "TIME");
  if (rest.ends_with('\n')) rest.pop_back();
  return rest;
}

class Tutorial : public testing::Test {
 protected:
  Tutorial() {
    // The marketplace that a reader started with ./run is at these.
    replace("http://127.0.0.1:8080", market_.origin_of("/api/tickets"));
    replace("tcp://127.0.0.1:7100", market_.bus_of("tickets"));
    constexpr std::array kPorts{std::pair{8090, 8093}, std::pair{7190, 7191}, std::pair{8101, 8105},
                                std::pair{8201, 8205}, std::pair{7101, 7105}};
    for (const auto& [first, last] : kPorts) {
      for (int port = first; port <= last; ++port) {
        replace("127.0.0.1:" + std::to_string(port), "127.0.0.1:" + std::to_string(free_port()));
      }
    }
    std::filesystem::create_directories(folder_.file("build/release"));
    std::filesystem::create_symlink(folder_of_programs(), folder_.file("build/release/bin"));
  }

  void follow(const std::string& page) {
    const auto blocks = blocks_of(page);
    ASSERT_FALSE(blocks.empty());
    for (std::size_t i = 0; i < blocks.size() && !HasFailure(); ++i) {
      SCOPED_TRACE(blocks[i].text);
      const bool is_told = i + 1 < blocks.size() && blocks[i + 1].mark == "prints";
      play(blocks[i], is_told ? without_news(blocks[i + 1].text) : "");
    }
  }

 private:
  void play(const Block& block, const std::string& expected) {
    if (block.mark == "start") start(block.text);
    if (block.mark == "serve") serve(block.text);
    if (block.mark == "run") {
      const Outcome outcome = outcome_of(block.text);
      EXPECT_EQ(outcome.status, 0) << outcome.err;
      EXPECT_EQ(outcome.out, expected);
    }
    if (block.mark == "comes to") {
      EXPECT_TRUE(eventually([&] { return outcome_of(block.text).out == expected; }))
          << outcome_of(block.text).out;
    }
  }
  void replace(const std::string& what, const std::string& by) { replaced_[what] = by; }
  std::string here(std::string text) const {
    for (const auto& [what, by] : replaced_) {
      for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    }
    return text;
  }
  Command command(const std::string& script) const {
    return {"/bin/bash",
            {"-euo", "pipefail", "-c", "cd '" + folder_.path() + "'\n" + here(script)},
            {{"TICKETING_LISTEN", here("127.0.0.1:8090")},
             {"TICKETING_ADMIN", here("127.0.0.1:8091")},
             {"TICKETING_BUS_BIND", here("tcp://127.0.0.1:7190")},
             {"TICKETING_SERVER", here("http://127.0.0.1:8080")},
             {"HOME", folder_.path()},
             {"XDG_STATE_HOME", folder_.path()}},
            {}};
  }
  /// What it sets is there in the next one, as in a reader's shell.
  Outcome outcome_of(const std::string& script) const {
    const std::string before = "if [ -e .shell ]; then . ./.shell; fi\nset -a\n";
    Outcome outcome = run_to_end(command(before + script + "\nexport -p >.shell"));
    outcome.out = without_news(outcome.out);
    return outcome;
  }
  /// Runs until the next one with the same admin listener, whose address is returned, or the end.
  std::string start(const std::string& script) {
    static const std::regex kAdmin{"--admin (127.0.0.1:[0-9]+)"};
    std::smatch match;
    const bool has_admin = std::regex_search(script, match, kAdmin);
    const std::string admin = here(has_admin ? match[1].str() : "127.0.0.1:8091");
    servers_.erase(admin);
    servers_.try_emplace(admin, command("exec " + script));
    return admin;
  }
  void serve(const std::string& script) {
    const std::string admin = start(script);
    Process& server = servers_.at(admin);
    EXPECT_TRUE(eventually([&] { return is_ready(admin) || !server.running(); }));
    EXPECT_TRUE(server.running()) << server.err();
  }
  static bool is_ready(const std::string& admin) {
    try {
      return HttpClient{"http://" + admin}.send("GET", "/readyz").status == 200;
    } catch (const Error&) {
      return false;
    }
  }

  Marketplace market_{{.dev = true}};  // As ./run has it.
  TempFolder folder_;
  std::map<std::string, std::string> replaced_;
  std::map<std::string, Process> servers_;  ///< By admin listener.
};

TEST_F(Tutorial, your_first_event) { follow("tutorials/your-first-event.md"); }
TEST_F(Tutorial, a_service_of_your_own) { follow("tutorials/a-service-of-your-own.md"); }
TEST_F(Tutorial, run_five_processes) { follow("how-to/run-five-processes.md"); }

}  // namespace
}  // namespace ticketing::test
