#include "stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "support/eventually.hpp"
#include "ticketing/auth/tokens.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing::test {

void StreamNode::start(const std::vector<std::string>& flags) {
  const std::string keys = folder_.file("jwks.json");
  std::ofstream{keys} << SigningKey{SigningKey::Seed{}}.jwks();
  Command command{path_of_program("test_stream"), {}, {}, {}};
  command.arguments = {"--services",    service_,     "--listen",    address(api_), "--admin",
                       address(admin_), "--bus-bind", bus(),         "--data-dir",  data_dir(),
                       "--jwks",        keys,         "--log-level", "warning"};
  command.arguments.insert(command.arguments.end(), flags.begin(), flags.end());
  process_.emplace(command);
}

Readiness StreamNode::readiness() const {
  HttpClient client{admin()};
  return from_json<Readiness>(client.send("GET", "/readyz").body);
}

bool StreamNode::ready() const {
  try {
    return readiness().ready;
  } catch (const Error&) {
    return false;
  }
}

Source::Source(std::vector<std::string> flags) : StreamNode("auth"), flags_(std::move(flags)) {
  restart();
}

void Source::restart() {
  start(flags_);
  if (!eventually([this] { return ready(); })) {
    throw std::runtime_error("the log's service did not get ready: " + process().err());
  }
}

void Source::publish(std::int64_t count, std::int64_t at_once) {
  for (std::int64_t left = count; left > 0; left -= at_once) {
    const std::string path = "/events/" + std::to_string(std::min(left, at_once));
    const Response answer = client_.send("POST", path);
    if (answer.status >= 300) throw std::runtime_error("not published: " + answer.body);
  }
}

void Source::change(std::int64_t users, std::int64_t count) {
  const std::string path = "/users/" + std::to_string(users) + "/events/" + std::to_string(count);
  const Response answer = client_.send("POST", path);
  if (answer.status >= 300) throw std::runtime_error("not published: " + answer.body);
}

std::int64_t Source::horizon() const {
  return Databases{{{"auth", database()}}}.number(
      "select coalesce((select cast(value as integer) from auth.ticketing_meta"
      " where name = 'horizon'), 0)");
}

std::int64_t Source::head() const {
  return Databases{{{"auth", database()}}}.number(
      "select coalesce(max(log_offset), 0) from auth.ticketing_log");
}

void Sink::start(std::vector<std::string> flags) {
  flags.insert(flags.end(), {"--peer", "auth=" + source_.bus()});
  StreamNode::start(flags);
}

std::int64_t Sink::applied() const {
  if (!std::filesystem::exists(database())) return 0;
  return Databases{{{"sink", database()}}}.number(
      "select coalesce(max(log_offset), 0) from sink.ticketing_cursors where log = 'auth'");
}

bool Sink::has_applied_all() const { return ready() && applied() == source_.head(); }

std::vector<std::string> Sink::replicas() const {
  return Databases{{{"sink", database()}}}.rows(
      "select id || ' ' || version || ' ' || log_offset || ' ' || data"
      " from sink.ticketing_replicas where kind = 'user' order by id");
}

bool Sink::catches_up(std::chrono::seconds deadline) {
  return eventually([this] { return has_applied_all(); }, deadline);
}

void Sink::expect_all_heard_once() const {
  const std::int64_t head = source_.head();
  EXPECT_EQ(with_source().number("select count(*) from auth.ticketing_log l join sink.heard h"
                                 " on h.seq = l.log_offset and h.log_offset = l.log_offset"),
            head);
  expect_each_heard_once();
}

void Sink::expect_each_heard_once() const {
  const Databases stored = with_source();
  const std::int64_t head = source_.head();
  EXPECT_EQ(stored.number("select count(*) from sink.heard"), head);
  EXPECT_EQ(stored.number("select count(*) from (select h.log_offset - lag(h.log_offset, 1, 0)"
                          " over (partition by l.aggregate_id order by h.seq) as step"
                          " from auth.ticketing_log l join sink.heard h"
                          " on h.log_offset = l.log_offset"
                          " and h.event_id = json_extract(l.envelope, '$.id')) where step > 0"),
            head);
  const std::string newest =
      "select aggregate_id as id, max(version) as version, json_extract(envelope, '$.data.email')"
      " as email from auth.ticketing_log group by aggregate_id";
  EXPECT_EQ(lines(stored.rows("select id, version, email from (" + newest +
                              ") except select id, version, json_extract(data, '$.email')"
                              " from sink.ticketing_replicas where kind = 'user'")),
            "");
  EXPECT_EQ(stored.number("select count(*) from sink.ticketing_inbox"), 0);
}

std::int64_t Sink::set_aside(const std::string& state) const {
  return Databases{{{"sink", database()}}}.number(
      "select count(*) from sink.ticketing_inbox where state = '" + state + "'");
}

std::int64_t Sink::heard() const {
  return Databases{{{"sink", database()}}}.number("select count(*) from sink.heard");
}

/// Empty: it is ready, or cannot be asked yet.
std::string Sink::refusal() const {
  try {
    const Readiness page = readiness();
    return page.ready ? "" : page.subscriptions.at(0).refusal.value_or("");
  } catch (const Error&) {
    return "";
  }
}

void Sink::expect_refused(const std::string& reason) {
  const std::int64_t applied_before = applied();
  const std::int64_t heard_before = heard();
  EXPECT_TRUE(eventually([&] { return refusal().find(reason) != std::string::npos; }))
      << refusal() << process().err();
  const auto is_logged = [&] { return process().err().find(reason) != std::string::npos; };
  EXPECT_TRUE(eventually(is_logged)) << process().err();
  EXPECT_TRUE(process().running());
  EXPECT_EQ(applied(), applied_before);
  EXPECT_EQ(heard(), heard_before);
}

}  // namespace ticketing::test
