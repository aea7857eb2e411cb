#pragma once
// The conformance suite of buses: what every transport behind Bus has to stand.
//
//     class MyTransport : public testing::ConformanceTransport { … };
//     for (const auto& name : testing::bus_cases()) {
//       const auto report = testing::run_bus_case(name, make_my_transport, {.seed = 7});
//       EXPECT_TRUE(report.passed) << testing::to_text(report);
//     }
//
// A transport may lose, double, delay and reorder whatever it carries live. It must answer fetches
// truthfully, announce the head, and prove a join; one batch at a time goes to a consumer, again if
// it did not become durable. The cases look at what comes of that: each committed event has taken
// effect once, in the log's order for each aggregate, replicas are as their owner has them, the
// cursor is at the head; or the log was refused, with the reason, and nothing of it applied.
//
// Tied to no test framework. The suite makes no thread: batches are applied, and databases written,
// by whoever calls run_bus_case(). One thread; a transport may have its own.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ticketing/core/time.hpp"
#include "ticketing/messaging/bus.hpp"

namespace ticketing::testing {

/// What a transport provides. Made anew for each case; outlives the buses that it makes.
class ConformanceTransport {
 public:
  virtual ~ConformanceTransport() = default;

  /// A bus that hosts logs. There is one at a time; the next one takes the place of the last, so
  /// that whoever follows the last one finds it.
  virtual std::unique_ptr<Bus> make_publisher() = 0;
  /// A bus that follows logs of the publisher. There may be several.
  virtual std::unique_ptr<Bus> make_consumer() = 0;
  /// Where consumers find the publisher, as in Consumer::endpoint. Asked for when there is one.
  virtual std::string endpoint() const = 0;

  /// A transport without threads of its own does what is due next, moves clock() on to there, and
  /// returns true; false when nothing is left. One with threads: always false.
  virtual bool step() { return false; }
  virtual const Clock& clock() const { return system_clock(); }
  /// While it is cut, publisher and consumers cannot reach each other. Optional: the suite keeps
  /// from consumers what arrives while it is cut. It shows more when the transport's own
  /// connections break.
  virtual void set_cut(bool is_cut) { static_cast<void>(is_cut); }
};

using MakeTransport = std::function<std::unique_ptr<ConformanceTransport>()>;

/// Where the databases of a case lie. Made anew for each case; outlives what has them open.
class ConformanceStorage {
 public:
  virtual ~ConformanceStorage() = default;
  /// The URL of a new, empty database.
  virtual std::string make() = 0;
  /// Of one with the same content as `url`, which nobody has open.
  virtual std::string copy_of(const std::string& url) = 0;
};

using MakeStorage = std::function<std::unique_ptr<ConformanceStorage>()>;

/// SQLite, in memory where the system has a place for files there: no case is about a disk.
std::unique_ptr<ConformanceStorage> sqlite_storage();

struct ConformanceOptions {
  std::uint64_t seed = 1;
  MakeStorage storage = &sqlite_storage;
  int joins = 20;           ///< While events are published.
  int restarts = 20;        ///< Of either side, or both, at any point.
  int slow_events = 2'000;  ///< To a consumer that is ten times slower than its publisher.
  std::chrono::milliseconds patience{20'000};  ///< By the transport's clock, for each wait.
  /// Resident memory of this process may grow by so much while the slow consumer lags: more than
  /// the publisher's part of it. 0: not measured, as where a sanitizer has memory of its own.
  std::int64_t memory_growth_bytes_max = 64 << 20;
};

/// As many of everything as a release has to stand: some minutes over real sockets.
inline ConformanceOptions full_conformance() {
  ConformanceOptions options;
  options.joins = 1'000;
  options.restarts = 200;
  options.slow_events = 50'000;
  options.patience = std::chrono::milliseconds{120'000};
  return options;
}

struct ConformanceReport {
  std::string name;  ///< Of the case.
  bool passed = false;
  std::string failure;                ///< What did not hold.
  std::uint64_t seed = 0;             ///< Repeats the choices of this run.
  std::chrono::milliseconds took{0};  ///< By the transport's clock.

  std::int64_t sent = 0;                 ///< Events committed.
  std::int64_t applied = 0;              ///< That have taken effect, at all consumers together.
  std::int64_t repeated = 0;             ///< Delivered, though they had been applied already.
  std::int64_t fetched = 0;              ///< Read from the logs by fetches.
  std::int64_t lost = 0;                 ///< Messages that the suite kept from consumers …
  std::int64_t doubled = 0;              ///< … let arrive twice …
  std::int64_t reordered = 0;            ///< … or held back.
  std::int64_t joins = 0;                ///< Consumers started.
  std::int64_t restarts = 0;             ///< Of publishers or consumers, after a death.
  std::int64_t refusals = 0;             ///< Logs refused, as they should have been.
  std::int64_t lag_max = 0;              ///< Of the slow consumer, in events.
  std::int64_t memory_growth_bytes = 0;  ///< While it lagged; 0: not measured.
};

/// The names of all cases, in the order of docs/reference/bus-conformance.md.
std::vector<std::string> bus_cases();

/// Runs one case on a transport of its own. Whatever goes wrong is in the report. Throws
/// Error(invalid) for a name that is not in bus_cases().
ConformanceReport run_bus_case(const std::string& name, const MakeTransport& make,
                               const ConformanceOptions& options = {});

/// A line for people, and a second one when it failed.
std::string to_text(const ConformanceReport& report);

}  // namespace ticketing::testing
