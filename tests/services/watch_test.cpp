// ticketctl --watch on a real ticketd: what is printed is all that the verb has caused, and when it
// ends, nothing is left to come.

#include <algorithm>
#include <filesystem>

#include "contract.hpp"
#include "ticketing/events/envelope.hpp"

namespace ticketing::test {
namespace {

using Subjects = std::vector<std::string>;

class Watch : public testing::Test {
 protected:
  Watch() { std::filesystem::create_directories(state_); }
  ~Watch() override { std::filesystem::remove_all(state_); }

  /// Runs a verb with --watch as one of two people.
  Outcome run(const std::string& profile, std::vector<std::string> words) const {
    words.insert(words.end(),
                 {"--watch", "--json", "--profile", profile, "--server",
                  market_.origin_of("/api/tickets"), "--peer", market_.bus_of("auth")});
    return run_to_end({path_of_program("ticketctl"),
                       words,
                       {{"XDG_STATE_HOME", state_.string()},
                        {"XDG_CONFIG_HOME", state_.string()},
                        {"TICKETING_PASSWORD", std::string{kPassword}}},
                       {}});
  }
  void join(const std::string& profile) const {
    const auto joined = run(profile, {"signup", profile + '-' + fresh_key() + "@example.com"});
    ASSERT_EQ(joined.status, 0) << joined.err;
    EXPECT_EQ(subjects_in(joined), Subjects{"user:created"});
  }
  static std::vector<std::string> lines_of(const Outcome& outcome) {
    std::istringstream out{outcome.out};
    std::vector<std::string> lines;
    for (std::string line; std::getline(out, line);) lines.push_back(line);
    return lines;
  }
  /// Sorted: events of two logs may be read either way round.
  static Subjects subjects_in(const Outcome& outcome) {
    Subjects subjects;
    for (const std::string& line : lines_of(outcome)) {
      if (line.starts_with("{\"specversion\"")) subjects.push_back(decode_envelope(line).type);
    }
    std::sort(subjects.begin(), subjects.end());
    return subjects;
  }
  std::string sell() const {
    const Outcome sold = run("seller", {"sell", "Concert", "20"});
    EXPECT_EQ(subjects_in(sold), Subjects{"ticket:created"}) << sold.err;
    return from_json<TicketAnswer>(lines_of(sold).at(0)).id;
  }
  std::string order(const std::string& ticket) const {
    const Outcome ordered = run("buyer", {"order", ticket});
    EXPECT_EQ(ordered.status, 0) << ordered.err;
    EXPECT_EQ(subjects_in(ordered).size(), 3U) << ordered.out;
    return from_json<OrderAnswer>(lines_of(ordered).at(0)).id;
  }
  TicketAnswer shown(const std::string& ticket) const { return Visitor{market_}.ticket(ticket); }

  std::filesystem::path state_ =
      std::filesystem::temp_directory_path() / ("ticketctl-watch-" + fresh_key());
  Marketplace market_{MarketplaceOptions{}};
};

TEST_F(Watch, a_verb_ends_when_all_that_it_causes_is_done) {
  join("seller");
  join("buyer");
  const std::string ticket = sell();
  for (int i = 0; i < 5; ++i) {  // Each round would race with what is left of the one before.
    const std::string bought = order(ticket);
    EXPECT_EQ(shown(ticket).order_id, bought);
    const Outcome cancelled = run("buyer", {"cancel", bought});
    EXPECT_EQ(cancelled.status, 0) << cancelled.err;
    EXPECT_EQ(subjects_in(cancelled), (Subjects{"order:cancelled", "ticket:updated"}));
    EXPECT_FALSE(shown(ticket).order_id);
  }
  const Outcome paid = run("buyer", {"pay", order(ticket), "--token", "tok_visa"});
  EXPECT_EQ(paid.status, 0) << paid.err;
  EXPECT_EQ(subjects_in(paid), (Subjects{"order:updated", "payment:created"}));
  const Outcome left = run("buyer", {"signout"});
  EXPECT_EQ(left.status, 0) << left.err;
  EXPECT_EQ(subjects_in(left), Subjects{"user:updated"});
}

TEST_F(Watch, a_declined_card_is_refused_once_all_is_undone) {
  join("seller");
  join("buyer");
  const std::string ticket = sell();
  const Outcome declined = run("buyer", {"pay", order(ticket), "--token", "tok_chargeDeclined"});
  EXPECT_EQ(declined.status, 5) << declined.err;
  EXPECT_EQ(subjects_in(declined),
            (Subjects{"order:cancelled", "payment:failed", "ticket:updated"}));
  EXPECT_FALSE(shown(ticket).order_id);
}

}  // namespace
}  // namespace ticketing::test
