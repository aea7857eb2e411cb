#pragma once
// TraceTree: what an id has to do with, from the events of all logs: each event under the event or
// the request that caused it.
//
// An event belongs to an id when it is about the aggregate of that name or its data names it, or
// when the id is its own or its correlation's; and with it belongs all that shares its correlation,
// so that what one request has led to is never shown in part. A payment is a request of its own: it
// joins its order's tree because it names the order. Pure: any thread; throws nothing.

#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ticketing/core/record.hpp"
#include "ticketing/core/time.hpp"
#include "ticketing/messaging/tail.hpp"

namespace ticketing::cli {

/// Which events belong to an id. Needs to see all events before it is asked about one: what an
/// event has to do with the id may be told by a later one of another log.
class TraceScope {
 public:
  explicit TraceScope(std::string id) : id_(std::move(id)) {}

  void learn(const Envelope& event);
  bool empty() const { return correlations_.empty(); }
  bool holds(const Envelope& event) const { return correlations_.contains(event.correlation_id); }

 private:
  std::string id_;
  std::set<std::string, std::less<>> correlations_;
};

enum class Cause {
  request,  ///< A client's, by its id.
  event,    ///< Another event of the tree.
  unread,   ///< Something that is in no log that was read.
  untold,   ///< The event names none.
  circle,   ///< An event that it has caused itself: somebody has tampered with a log.
};
inline constexpr std::array<std::string_view, 5> kCauseNames{"request", "event", "unread", "untold",
                                                             "circle"};
constexpr NameTable name_table(Cause) { return kCauseNames; }

struct TraceNode {
  TailedEvent event;
  std::size_t depth = 0;  ///< Events between this one and the tree's root.
  /// Since the event that caused it; negative where the publishers' clocks differ.
  std::optional<milliseconds> since_cause;
};

/// What one cause that is no event of the tree has led to.
struct TraceTree {
  Cause cause = Cause::untold;   ///< Of the nodes of depth 0; that of all others is `event`.
  std::string cause_id;          ///< Empty if untold.
  std::vector<TraceNode> nodes;  ///< A node before what it has caused; siblings by their time.
};

/// Every event exactly once, in trees by the time of their first event.
std::vector<TraceTree> trees_of(std::vector<TailedEvent> events);

}  // namespace ticketing::cli
