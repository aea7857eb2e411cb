// dlq: what it asks of admin listeners, prints and exits with.

#include <gtest/gtest.h>

#include <map>

#include "fake_world.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/http/page.hpp"
#include "ticketing/messaging/dead_letter.hpp"
#include "unit/client/scripted_server.hpp"

namespace ticketing::cli {
namespace {

using testing::ScriptedServer;

/// A process's admin listener, as far as dlq needs it; what is redriven or skipped is not dead any
/// more.
class FakeAdmin {
 public:
  void set_aside(const std::string& service, std::int64_t offset, const std::string& state = "dead",
                 const std::string& reason = "it failed") {
    DeadLetterAnswer letter;
    letter.service = service;
    letter.log = "tickets";
    letter.offset = offset;
    letter.id = service + "/tickets/" + std::to_string(offset);
    letter.state = state;
    letter.attempts = 6;
    letter.subject = "ticket:created";
    letter.aggregate_id = "t" + std::to_string(offset);
    letter.reason = reason;
    letters[{service, offset}] = letter;
  }
  std::string origin() const { return server_.origin(); }
  /// The changes that were asked for, as `orders/tickets/7/redrive`.
  std::vector<std::string> changes() const {
    std::vector<std::string> all;
    for (const Request& request : server_.requests()) {
      if (request.method != "POST") continue;
      EXPECT_EQ(request.header("Content-Type"), "application/json");
      all.push_back(request.path.substr(std::string_view{"/deadletters/"}.size()));
    }
    return all;
  }
  std::vector<Request> requests() const { return server_.requests(); }

  // Set before the verb runs.
  std::map<std::pair<std::string, std::int64_t>, DeadLetterAnswer> letters;
  std::map<std::string, Response> answers;  ///< In place of its own, by path.
  std::string gone;                         ///< Redriven by somebody else once it was listed.

 private:
  Response answer(const Request& request) {
    if (const auto given = answers.find(request.path); given != answers.end()) {
      return given->second;
    }
    if (request.path == "/deadletters") return list(request);
    for (auto& [place, letter] : letters) {
      const std::string path = "/deadletters/" + letter.id;
      if (request.method == "GET" && request.path == path) {
        return Response::json(200, to_json(letter));
      }
      if (request.method == "POST" && request.path.starts_with(path + '/') &&
          letter.state == "dead") {
        letter.state = "retry";
        return Response::empty();
      }
    }
    return error_response(Error{ErrorCode::not_found, "Not Found"});
  }
  Response list(const Request& request) {
    const PageQuery page = read_page(request);
    std::vector<DeadLetterAnswer> found;
    for (const auto& [place, letter] : letters) {
      const std::string key = place_key(letter.service, letter.offset);
      if (page.after && key <= key_of(*page.after)) continue;
      if (request.query_value("state").value_or(letter.state) != letter.state) continue;
      if (request.query_value("service").value_or(letter.service) != letter.service) continue;
      if (std::ssize(found) < page.limit) found.push_back(letter);
    }
    const Response listed = Response::json(200, list_to_json(found));
    for (auto& [place, letter] : letters) {
      if (letter.id == gone) letter.state = "retry";
    }
    return listed;
  }
  static std::string place_key(const std::string& service, std::int64_t offset) {
    const std::string digits = std::to_string(offset);
    return service + '/' + std::string(8 - digits.size(), '0') + digits;
  }
  static std::string key_of(const std::string& id) {
    return place_key(id.substr(0, id.find('/')), std::stoll(id.substr(id.rfind('/') + 1)));
  }

  ScriptedServer server_{[this](const Request& request) { return answer(request); }};
};

class DeadLetters : public ::testing::Test {
 protected:
  DeadLetters() { fake.variables["TICKETING_ADMIN"] = admin.origin(); }

  void expect(const std::vector<std::string>& words, int status, const std::string& out,
              const std::string& err = "") {
    EXPECT_EQ(fake.run(words), status);
    EXPECT_EQ(fake.out(), out);
    EXPECT_EQ(fake.err(), err);
  }

  FakeWorld fake;
  FakeAdmin admin;
};

constexpr const char* kSeeThem = "; see them with: ticketctl dlq list\n";

TEST_F(DeadLetters, people_read_a_table_and_programs_json) {
  admin.set_aside("orders", 7, "dead", "no such\nuser");
  expect({"dlq", "list"}, 0,
         "service  log      offset  state  attempts  subject         aggregateId  reason\n"
         "orders   tickets       7  dead          6  ticket:created  t7           no such\xEF\xBF"
         "\xBDuser\n");
  EXPECT_EQ(fake.run({"dlq", "list", "--json"}), 0);
  const auto letters = list_from_json<DeadLetterAnswer>(fake.out());
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].reason, "no such\nuser");
}

TEST_F(DeadLetters, the_list_is_that_of_all_processes) {
  FakeAdmin other;
  admin.set_aside("orders", 7);
  other.set_aside("payments", 3);
  EXPECT_EQ(
      fake.run({"dlq", "list", "--json", "--admin", admin.origin(), "--admin", other.origin()}), 0);
  EXPECT_EQ(list_from_json<DeadLetterAnswer>(fake.out()).size(), 2U);
}

TEST_F(DeadLetters, the_services_own_variable_has_no_scheme) {
  fake.variables["TICKETING_ADMIN"] = admin.origin().substr(std::string_view{"http://"}.size());
  EXPECT_EQ(fake.run({"dlq", "list"}), 0) << fake.err();
}

TEST_F(DeadLetters, a_list_can_be_narrowed_and_says_when_there_is_more) {
  admin.set_aside("orders", 7);
  admin.set_aside("orders", 8, "behind");
  admin.set_aside("payments", 7);
  EXPECT_EQ(fake.run({"dlq", "list", "--json", "--service", "orders", "--state", "behind"}), 0);
  EXPECT_EQ(list_from_json<DeadLetterAnswer>(fake.out()).at(0).id, "orders/tickets/8");
  EXPECT_EQ(fake.run({"dlq", "list", "--limit", "3"}), 0);
  EXPECT_EQ(fake.err(), "");
  EXPECT_EQ(fake.run({"dlq", "list", "--limit", "2"}), 0);
  EXPECT_EQ(lines_in(fake.out()), 3U);
  EXPECT_EQ(fake.err(), "there are more; pass a higher --limit\n");
  EXPECT_EQ(fake.run({"dlq", "list", "--state", "alive"}), 2);
}

TEST_F(DeadLetters, one_is_shown_from_whichever_process_has_it) {
  FakeAdmin other;
  other.set_aside("payments", 3, "retry");
  other.letters.begin()->second.event = JsonText{R"({"id":"e3"})"};
  expect({"dlq", "show", "payments", "tickets", "3", "--admin", admin.origin(), "--admin",
          other.origin()},
         0,
         "id           payments/tickets/3\nservice      payments\nlog          tickets\n"
         "offset       3\nstate        retry\nattempts     6\nsubject      ticket:created\n"
         "aggregateId  t3\nreason       it failed\nevent        {\"id\":\"e3\"}\n");
  expect({"dlq", "show", "payments", "tickets", "3"}, 3, "",
         "ticketctl: nothing is set aside at payments/tickets/3" + std::string{kSeeThem});
}

TEST_F(DeadLetters, one_is_redriven_or_skipped_by_its_place) {
  admin.set_aside("orders", 7);
  admin.set_aside("orders", 8);
  expect({"dlq", "redrive", "orders", "tickets", "7"}, 0, "orders/tickets/7: redriven\n");
  expect({"dlq", "skip", "orders", "tickets", "8", "--json"}, 0,
         "{\"id\":\"orders/tickets/8\",\"outcome\":\"skipped\"}\n");
  EXPECT_EQ(admin.changes(),
            (std::vector<std::string>{"orders/tickets/7/redrive", "orders/tickets/8/skip"}));
  expect({"dlq", "redrive", "orders", "tickets", "7"}, 3, "",
         "ticketctl: there is no dead letter at orders/tickets/7" + std::string{kSeeThem});
}

TEST_F(DeadLetters, a_dry_run_changes_nothing_and_ends_as_the_real_one_would) {
  admin.set_aside("orders", 7);
  admin.set_aside("orders", 8, "behind");
  expect({"dlq", "redrive", "orders", "tickets", "7", "--dry-run"}, 0,
         "orders/tickets/7: would be redriven\n");
  expect({"dlq", "skip", "orders", "tickets", "7", "--dry-run"}, 0,
         "orders/tickets/7: would be skipped\n");
  expect({"dlq", "skip", "orders", "tickets", "8", "--dry-run"}, 3, "",
         "ticketctl: there is no dead letter at orders/tickets/8" + std::string{kSeeThem});
  expect({"dlq", "redrive", "--all", "--dry-run"}, 0, "orders/tickets/7: would be redriven\n",
         "1 would be redriven, 0 not dead any more\n");
  EXPECT_TRUE(admin.changes().empty());
}

TEST_F(DeadLetters, all_that_are_dead_are_redriven_once_over_pages_and_processes) {
  FakeAdmin other;
  for (std::int64_t offset = 1; offset <= 2500; ++offset) admin.set_aside("orders", offset);
  admin.set_aside("orders", 2501, "behind");
  other.set_aside("payments", 3);
  EXPECT_EQ(
      fake.run({"dlq", "redrive", "--all", "--admin", admin.origin(), "--admin", other.origin()}),
      0);
  EXPECT_EQ(lines_in(fake.out()), 2501U);
  EXPECT_EQ(fake.err(), "2501 redriven, 0 not dead any more\n");
  auto changes = admin.changes();
  EXPECT_EQ(changes.size(), 2500U);
  std::sort(changes.begin(), changes.end());
  EXPECT_EQ(std::unique(changes.begin(), changes.end()), changes.end()) << "one was done twice";
  EXPECT_EQ(other.changes(), std::vector<std::string>{"payments/tickets/3/redrive"});
}

TEST_F(DeadLetters, one_that_is_not_dead_any_more_is_reported_and_is_no_failure) {
  admin.set_aside("orders", 7);
  admin.set_aside("orders", 8);
  admin.gone = "orders/tickets/7";
  expect({"dlq", "redrive", "--all"}, 0,
         "orders/tickets/7: not dead any more\norders/tickets/8: redriven\n",
         "1 redriven, 1 not dead any more\n");
}

TEST_F(DeadLetters, a_redrive_that_was_interrupted_goes_on_where_it_was) {
  for (std::int64_t offset = 1; offset <= 3; ++offset) admin.set_aside("orders", offset);
  const std::string second = "/deadletters/orders/tickets/2/redrive";
  admin.answers[second] = error_response(503, "The disk is full", "disk_full");
  EXPECT_EQ(fake.run({"dlq", "redrive", "--all"}), 6);
  EXPECT_EQ(fake.out(), "orders/tickets/1: redriven\n");
  EXPECT_TRUE(fake.err().starts_with("ticketctl: The disk is full (request ")) << fake.err();
  admin.answers.clear();
  expect({"dlq", "redrive", "--all"}, 0, "orders/tickets/2: redriven\norders/tickets/3: redriven\n",
         "2 redriven, 0 not dead any more\n");
}

TEST_F(DeadLetters, those_of_one_service_can_be_redriven_alone) {
  admin.set_aside("orders", 7);
  admin.set_aside("payments", 7);
  expect({"dlq", "redrive", "--all", "--service", "payments"}, 0, "payments/tickets/7: redriven\n",
         "1 redriven, 0 not dead any more\n");
}

TEST_F(DeadLetters, wrong_usage_is_told_before_anything_is_asked) {
  using Words = std::vector<std::string>;
  for (const Words& words :
       {Words{"dlq"}, Words{"dlq", "redrive"}, Words{"dlq", "redrive", "orders"},
        Words{"dlq", "redrive", "orders", "tickets", "7", "--all"},
        Words{"dlq", "skip", "orders", "tickets"}, Words{"dlq", "show", "orders", "tickets", "x"},
        Words{"dlq", "skip", "orders", "tickets", "-7"},
        Words{"dlq", "list", "--admin", "ftp://x"}}) {
    EXPECT_EQ(fake.run(words), 2) << words.back();
    EXPECT_EQ(fake.out(), "");
  }
  EXPECT_TRUE(admin.requests().empty());
}

TEST_F(DeadLetters, whoever_does_not_answer_or_is_another_is_told_of) {
  admin.answers["/deadletters"] = error_response(Error{ErrorCode::not_found, "Not Found"});
  EXPECT_EQ(fake.run({"dlq", "list"}), 1);
  admin.answers["/deadletters"] = Response::json(200, "<html>");
  EXPECT_EQ(fake.run({"dlq", "list"}), 1);
  EXPECT_NE(fake.err().find("no admin listener of this version"), std::string::npos);
  admin.answers["/deadletters"] = error_response(503, "Not now", "overloaded");
  EXPECT_EQ(fake.run({"dlq", "list"}), 6);
  EXPECT_TRUE(fake.err().ends_with("; start ticketd or pass --admin\n")) << fake.err();
}

}  // namespace
}  // namespace ticketing::cli
