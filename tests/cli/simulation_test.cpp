// sim run: what it prints. What it plays is tested in tests/simulation.

#include <gtest/gtest.h>

#include "fake_world.hpp"

namespace ticketing::cli {
namespace {

TEST(Simulation, the_same_seed_is_the_same_line) {
  FakeWorld fake;
  for (const char* transport : {"zmq", "nats"}) {
    const std::vector<std::string> words{"sim", "run",         "--seed",  "7",     "--steps",
                                         "10",  "--transport", transport, "--json"};
    ASSERT_EQ(fake.run(words), 0);
    const std::string line = fake.out();
    EXPECT_TRUE(line.starts_with(R"({"seed":7,"held":true,"rule":"","traceHash":")")) << line;
    ASSERT_EQ(fake.run(words), 0);
    EXPECT_EQ(fake.out(), line);
  }
}

TEST(Simulation, steps_and_faults_make_another_run) {
  FakeWorld fake;
  const std::vector<std::string> base{"sim", "run", "--seed", "7", "--json"};
  std::set<std::string> lines;
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--steps", "10"}, {"--steps", "11"}, {"--no-faults"}}) {
    std::vector<std::string> words = base;
    words.insert(words.end(), more.begin(), more.end());
    ASSERT_EQ(fake.run(words), 0);
    lines.insert(fake.out());
  }
  EXPECT_EQ(lines.size(), 3u);
}

TEST(Simulation, events_may_go_over_nats) {
  FakeWorld fake;
  ASSERT_EQ(fake.run({"sim", "run", "--steps", "5", "--transport", "nats", "--trace"}), 0);
  EXPECT_NE(fake.out().find("$JS.API.STREAM.CREATE.TICKETING-auth"), std::string::npos);
  EXPECT_NE(fake.out().find("1 seed held"), std::string::npos);
}

TEST(Simulation, the_trace_tells_what_happened_and_the_end_how_many_seeds_held) {
  FakeWorld fake;
  ASSERT_EQ(fake.run({"sim", "run", "--seeds", "2", "--steps", "5", "--trace"}), 0);
  EXPECT_NE(fake.out().find(" committed 1 user:created"), std::string::npos) << fake.out();
  EXPECT_NE(fake.out().find("2 seeds held"), std::string::npos);
}

TEST(Simulation, a_seed_that_is_no_number_is_wrong_usage) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"sim", "run", "--seed", "seven"}), 2);
  EXPECT_EQ(fake.run({"sim", "run", "--steps", "0"}), 2);
  EXPECT_EQ(fake.run({"sim", "run", "--trace", "--json"}), 2);
  EXPECT_EQ(fake.run({"sim", "run", "--transport", "pigeons"}), 2);
}

}  // namespace
}  // namespace ticketing::cli
