// A poison event: it becomes a dead letter, its aggregate waits, all others flow, and once the
// service is mended an operator's redrive leaves everything applied in order, once.

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "support/marketplace.hpp"
#include "support/visitor.hpp"
#include "ticketing/messaging/dead_letter.hpp"

namespace ticketing::test {
namespace {

using Words = std::vector<std::string>;

class Poison : public testing::Test {
 protected:
  void SetUp() override { seller_.sign_up(); }

  void start(const std::string& fails_for = {}) {
    Command command = command_;
    if (!fails_for.empty()) {
      command.arguments.insert(command.arguments.end(), {"--fails-for", fails_for});
    }
    process_.reset();
    process_.emplace(command);
    ASSERT_TRUE(eventually([&] { return ready() || !process_->running(); }));
    ASSERT_TRUE(process_->running()) << process_->err();
  }
  bool ready() const {
    try {
      return HttpClient{"http://" + admin_}.send("GET", "/readyz").status == 200;
    } catch (const Error&) {
      return false;
    }
  }

  /// A ticket that has been offered, and edited as often as there are more titles.
  std::string ticket(const Words& titles) {
    const std::string id = seller_.sell(titles.front()).id;
    for (std::size_t i = 1; i < titles.size(); ++i) edit(id, titles[i]);
    return id;
  }
  void edit(const std::string& id, const std::string& title) {
    const Response edited = seller_.put("/api/tickets/" + id, offer(title));
    ASSERT_EQ(edited.status, 200) << edited.body;
  }
  /// The versions of a ticket that were noted, in that order.
  std::string notes_of(const std::string& id) const {
    return HttpClient{"http://" + api_}.send("GET", "/notes/" + id).body;
  }
  bool comes_to(const std::string& id, const std::string& versions) const {
    return eventually([&] { return notes_of(id) == versions; });
  }

  Outcome dlq(const Words& words) const {
    Words all{"dlq"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"--admin", "http://" + admin_, "--json"});
    return run_to_end({path_of_program("ticketctl"), all, {}, {}});
  }
  std::vector<DeadLetterAnswer> letters() const {
    const Outcome listed = dlq({"list"});
    EXPECT_EQ(listed.status, 0) << listed.err;
    return list_from_json<DeadLetterAnswer>(listed.out);
  }
  bool comes_to_states(const Words& states) const {
    return eventually([&] {
      Words now;
      for (const DeadLetterAnswer& letter : letters()) now.push_back(letter.state);
      return now == states;
    });
  }

  Marketplace market_;
  Visitor seller_{market_};
  TempFolder folder_;
  std::string api_ = "127.0.0.1:" + std::to_string(free_port());
  std::string admin_ = "127.0.0.1:" + std::to_string(free_port());
  Command command_{path_of_program("picky_service"),
                   {"--data-dir", folder_.file("picky"), "--listen", api_, "--admin", admin_,
                    "--bus-bind", "tcp://127.0.0.1:0", "--peer", "auth=" + market_.bus_of("auth"),
                    "--peer", "tickets=" + market_.bus_of("tickets"), "--jwks",
                    market_.origin_of("/.well-known") + "/.well-known/jwks.json"},
                   {},
                   {}};
  std::optional<Process> process_;
};

TEST_F(Poison, holds_up_its_aggregate_alone_and_a_redrive_after_the_fix_applies_all_in_order) {
  start("Poison");
  const std::string bad = ticket({"Poison", "Opera", "Ballet"});
  const std::string good = ticket({"Concert", "Play"});
  ASSERT_TRUE(comes_to_states({"dead", "behind", "behind"}));
  EXPECT_TRUE(comes_to(good, "0 1 "));
  EXPECT_EQ(notes_of(bad), "") << "nothing of a failed handler is left";
  const DeadLetterAnswer dead = letters().front();
  EXPECT_EQ(dead.aggregate_id, bad);
  EXPECT_EQ(dead.attempts, 6);
  EXPECT_EQ(dead.reason, "cannot take Poison");

  EXPECT_EQ(dlq({"redrive", "--all"}).status, 0);
  ASSERT_TRUE(comes_to_states({"dead", "behind", "behind"})) << "it is not mended yet";
  EXPECT_EQ(notes_of(bad), "");

  EXPECT_EQ(process_->terminate(kDeadline), 0);
  start();
  edit(good, "Circus");
  EXPECT_TRUE(comes_to(good, "0 1 2 "));
  EXPECT_EQ(notes_of(bad), "") << "nobody has said that it may be tried again";

  EXPECT_EQ(dlq({"redrive", "--all"}).status, 0);
  EXPECT_TRUE(comes_to(bad, "0 1 2 "));
  EXPECT_TRUE(comes_to_states({}));
  edit(bad, "Circus");
  EXPECT_TRUE(comes_to(bad, "0 1 2 3 "));
  EXPECT_EQ(notes_of(good), "0 1 2 ");
}

TEST_F(Poison, a_redrive_that_was_answered_survives_kill_9) {
  start("Poison");
  const std::string bad = ticket({"Poison", "Opera"});
  ASSERT_TRUE(comes_to_states({"dead", "behind"}));
  EXPECT_EQ(process_->terminate(kDeadline), 0);
  start();
  ASSERT_EQ(dlq({"redrive", "--all"}).status, 0);
  process_->kill();
  start();
  EXPECT_TRUE(comes_to(bad, "0 1 "));
  EXPECT_TRUE(letters().empty());
}

TEST_F(Poison, one_that_is_skipped_stays_out_and_the_rest_of_its_aggregate_follows) {
  start("Poison");
  const std::string bad = ticket({"Poison", "Opera"});
  ASSERT_TRUE(comes_to_states({"dead", "behind"}));
  const std::string offset = std::to_string(letters().front().offset);
  EXPECT_EQ(dlq({"skip", "picky", "tickets", offset, "--dry-run"}).status, 0);
  EXPECT_EQ(notes_of(bad), "");
  EXPECT_EQ(dlq({"skip", "picky", "tickets", offset}).status, 0);
  EXPECT_TRUE(comes_to(bad, "1 "));
  EXPECT_EQ(dlq({"skip", "picky", "tickets", offset}).status, 3);
}

}  // namespace
}  // namespace ticketing::test
