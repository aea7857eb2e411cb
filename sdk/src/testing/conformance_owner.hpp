#pragma once
// LogOwner: the publishing side of a conformance case: a database with a log of made-up things.
//
// Its log outlives the buses that host it, as a database file outlives its process. On the suite's
// thread, but for what it is asked through hosted(), on any.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/events/envelope.hpp"
#include "ticketing/messaging/bus.hpp"
#include "ticketing/testing/seeded_random.hpp"

namespace ticketing::testing {

class LogOwner {
 public:
  /// Subjects of its events, by the version of the thing: 0, then odd and even ones.
  static constexpr std::string_view kMade = "thing:made";
  static constexpr std::string_view kMoved = "thing:moved";
  static constexpr std::string_view kMended = "thing:mended";

  /// `url` is the database's, made if it is not there.
  LogOwner(std::string name, std::string url, const Clock& clock, std::uint64_t seed);

  const std::string& name() const { return name_; }
  const std::string& url() const { return url_; }
  HostedLog hosted();
  /// Commits `count` events in one transaction; nobody is told.
  std::vector<LogEntry> commit(int count);
  std::int64_t head() const { return head_; }
  /// The whole log, decoded.
  std::vector<Envelope> events() const;

  /// Events handed out to fetches, and events committed, so far.
  std::int64_t fetched() const { return fetched_; }
  std::int64_t sent() const { return sent_; }

  /// For changes of the database behind its back. No bus may host it meanwhile.
  void close() { database_.reset(); }
  void open() { open(url_); }
  /// Another database from now on.
  void open(std::string url);

 private:
  StagedEvent next_event();

  std::string name_;
  std::string url_;
  const Clock& clock_;
  SeededRandom random_;
  std::unique_ptr<Database> database_;
  std::optional<EventLog> log_;
  std::int64_t head_ = 0;
  std::int64_t sent_ = 0;
  std::map<std::string, std::int64_t> versions_;  ///< The newest, by thing.
  std::atomic<std::int64_t> fetched_{0};
};

/// Opens the database at `url` with the SDK's tables, and `more`.
std::unique_ptr<Database> open_scratch(const std::string& url, std::vector<Migrations> more = {});

}  // namespace ticketing::testing
