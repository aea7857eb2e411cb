#pragma once
// An inbox over a real database, with a dispatch that a test scripts: which events fail, and how.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sample_events.hpp"
#include "support/error_of.hpp"
#include "ticketing/messaging/inbox.hpp"

namespace ticketing::test {

class ManualClock final : public Clock {
 public:
  Timestamp now() const override { return time; }
  std::chrono::nanoseconds monotonic() const override { return time.time_since_epoch(); }
  Timestamp time = kStart;
};

class SeededRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(state_ = state_ * 31 + 7);
  }

 private:
  unsigned state_ = 1;
};

inline constexpr std::array<std::string_view, 1> kEffectSteps{
    "CREATE TABLE effect (number INTEGER PRIMARY KEY, event TEXT)"};

class InboxFixture : public ::testing::Test {
 protected:
  using Names = std::vector<std::string>;

  void SetUp() override {
    db_.write([this](Transaction& tx) { log_.emplace("orders", tx, random_, kStart); });
  }

  /// Writes an effect, publishes an event, and then fails if a test wants it.
  void dispatch(Transaction& tx, const Envelope& envelope, Effects& effects, Inbox::Scope scope) {
    ++calls_;
    const std::string name = envelope.aggregate_id + std::to_string(envelope.version);
    if (scope == Inbox::Scope::replicas_only) {
      replayed_.push_back(name);
    } else {
      tx.execute("INSERT INTO effect (event) VALUES (:event)", name);
      auto entries = log_->append(tx, std::vector{staged("effect", name, 0)},
                                  {envelope.correlation_id, envelope.id, {}}, kStart);
      effects.published.insert(effects.published.end(), entries.begin(), entries.end());
      effects.timers_changed = true;
    }
    if (const auto failure = failing_.find(name); failure != failing_.end()) failure->second();
  }
  void fail(const std::string& name, ErrorCode code, const std::string& word = {}) {
    failing_[name] = [code, word] { throw Error(code, "it failed", word); };
  }
  void succeed(const std::string& name) { failing_.erase(name); }

  /// The events `names` ("x0": version 0 of x), at the offsets from `first`.
  static Batch batch(const Names& names, std::int64_t first = 1,
                     const std::string& log = "tickets") {
    Batch batch{.log = log, .cursor = {log + "-id", first - 1}, .events = {}};
    for (const std::string& name : names) {
      const std::int64_t offset = ++batch.cursor.offset;
      const auto event = sample_envelope("ticket:updated", name.substr(0, 1),
                                         std::stoll(name.substr(1)), offset, log + "-id");
      batch.events.push_back({offset, encode(event)});
    }
    return batch;
  }
  Effects apply(const Batch& batch) {
    return db_.write([&](Transaction& tx) { return inbox_.apply(tx, batch); });
  }
  Effects retry() {
    return db_.write([&](Transaction& tx) { return inbox_.retry_due(tx); });
  }
  /// Lets time pass until nothing is due any more.
  void retry_all() {
    while (const auto due = next_retry()) {
      clock_.time = std::max(clock_.time, *due);
      retry();
    }
  }
  std::optional<Timestamp> next_retry() {
    return db_.read([this](Transaction& tx) { return inbox_.next_retry(tx); });
  }
  bool redrive(std::int64_t offset) {
    return db_.write([&](Transaction& tx) { return inbox_.redrive(tx, "tickets", offset); });
  }
  bool skip(std::int64_t offset) {
    return db_.write([&](Transaction& tx) { return inbox_.skip(tx, "tickets", offset); });
  }

  Names effects() {
    Names names;
    db_->read([&](Transaction& tx) {
      tx.for_each<std::string>("SELECT event FROM effect ORDER BY number",
                               [&](std::string name) { names.push_back(std::move(name)); });
    });
    return names;
  }
  Names published() {
    Names names;
    const LogPage page = db_.read([](Transaction& tx) { return EventLog::read(tx, {}); });
    for (const LogEntry& entry : page.entries) {
      names.push_back(decode_envelope(entry.envelope).aggregate_id);
    }
    return names;
  }
  std::int64_t cursor(const std::string& log = "tickets") {
    const auto stored = db_.read([&](Transaction& tx) { return Inbox::cursor(tx, log); });
    return stored ? stored->offset : -1;
  }
  /// Everything set aside, as `offset:state`.
  Names set_aside() {
    Names all;
    const auto letters = db_.read([](Transaction& tx) { return Inbox::list(tx); });
    for (const DeadLetter& one : letters) {
      all.push_back(std::to_string(one.offset) + ":" + one.state);
    }
    return all;
  }

  DeadLetter letter(std::int64_t offset) {
    return db_.read([&](Transaction& tx) { return Inbox::find(tx, "tickets", offset); }).value();
  }
  /// As `log/offset`.
  Names listed(const DeadLetterQuery& query) {
    Names all;
    for (const DeadLetter& one :
         db_.read([&](Transaction& tx) { return Inbox::list(tx, query); })) {
      all.push_back(one.log + "/" + std::to_string(one.offset));
    }
    return all;
  }

  ManualClock clock_;
  SeededRandom random_;
  ScratchDatabase db_{{sdk_migrations(), {"effect", kEffectSteps}}};
  std::optional<EventLog> log_;
  std::map<std::string, std::function<void()>> failing_;
  Names replayed_;
  int calls_ = 0;
  Inbox inbox_{[this](Transaction& tx, const Envelope& envelope, Effects& effects,
                      Inbox::Scope scope) { dispatch(tx, envelope, effects, scope); },
               {.attempts_max = 3},
               clock_,
               random_};
};

}  // namespace ticketing::test
