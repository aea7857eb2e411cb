#include "testing/conformance_owner.hpp"

namespace ticketing::testing {

namespace {

constexpr std::uint64_t kThings = 20;

std::string_view subject_of(std::int64_t version) {
  if (version == 0) return LogOwner::kMade;
  return version % 2 == 1 ? LogOwner::kMoved : LogOwner::kMended;
}

}  // namespace

std::unique_ptr<Database> open_scratch(const std::string& url, std::vector<Migrations> more) {
  more.insert(more.begin(), sdk_migrations());
  DatabaseOptions options;
  options.url = url;
  options.schema = "conformance";
  return Database::open(options, more);
}

LogOwner::LogOwner(std::string name, std::string url, const Clock& clock, std::uint64_t seed)
    : name_(std::move(name)), clock_(clock), random_(seed) {
  open(std::move(url));
}

void LogOwner::open(std::string url) {
  url_ = std::move(url);
  database_ = open_scratch(url_);
  database_->write_and_step(
      [this](Transaction& tx) { log_.emplace(name_, tx, random_, clock_.now()); });
  versions_.clear();
  database_->read([this](Transaction& tx) {
    head_ = EventLog::head(tx);
    tx.for_each<std::string, std::int64_t>(
        "SELECT aggregate_id, max(version) FROM ticketing_log GROUP BY aggregate_id",
        [this](std::string id, std::int64_t version) { versions_[std::move(id)] = version; });
  });
}

HostedLog LogOwner::hosted() {
  return {name_, log_->id(), head_, [this](const LogQuery& query) {
            LogPage page;
            database_->read([&](Transaction& tx) { page = EventLog::read(tx, query); });
            fetched_ += static_cast<std::int64_t>(page.entries.size());
            return page;
          }};
}

std::vector<LogEntry> LogOwner::commit(int count) {
  std::vector<StagedEvent> staged;
  for (int i = 0; i < count; ++i) staged.push_back(next_event());
  std::vector<LogEntry> entries;
  database_->write_and_step([&](Transaction& tx) {
    entries = log_->append(tx, staged, {"conformance", std::nullopt, std::nullopt}, clock_.now());
  });
  head_ += count;
  sent_ += count;
  return entries;
}

StagedEvent LogOwner::next_event() {
  const std::string id = name_ + "-thing-" + std::to_string(random_.below(kThings));
  const auto known = versions_.try_emplace(id, -1).first;
  const std::int64_t version = ++known->second;
  return {subject_of(version), id, version,
          R"({"id":")" + id + R"(","version":)" + std::to_string(version) + "}"};
}

std::vector<Envelope> LogOwner::events() const {
  std::vector<Envelope> events;
  LogPage page;
  do {
    database_->read(
        [&](Transaction& tx) { page = EventLog::read(tx, {.after = page.covered_to}); });
    for (const LogEntry& entry : page.entries) events.push_back(decode_envelope(entry.envelope));
  } while (page.covered_to < page.head);
  return events;
}

}  // namespace ticketing::testing
