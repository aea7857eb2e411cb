#include "trace_tree.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

namespace ticketing::cli {
namespace {

/// What the data of any event may name, by the names that all events use. Of an event that is not
/// known here, too: it is read for these alone.
struct NamedTicket {
  std::optional<std::string> id;
  static constexpr std::array kFields{field<&NamedTicket::id>("id")};
};
struct Named {
  std::optional<std::string> id, order_id, ticket_id, user_id;
  std::optional<NamedTicket> ticket;
  static constexpr std::array kFields{
      field<&Named::id>("id"),          field<&Named::order_id>("orderId"),
      field<&Named::user_id>("userId"), field<&Named::ticket_id>("ticketId"),
      field<&Named::ticket>("ticket"),
  };
};

bool names(const JsonText& data, const std::string& id) {
  try {
    const auto named = from_json<Named>(data.text, {.bytes_max = kEventDataBytesMax});
    return named.id == id || named.order_id == id || named.ticket_id == id || named.user_id == id ||
           (named.ticket && named.ticket->id == id);
  } catch (const Error&) {
    return false;  // Data of another shape names nothing that is known here.
  }
}

bool concerns(const Envelope& event, const std::string& id) {
  return event.aggregate_id == id || event.correlation_id == id || event.id == id ||
         names(event.data, id);
}

/// Two events of one millisecond stand in the same order each time.
bool is_before(const TailedEvent& left, const TailedEvent& right) {
  const auto place_of = [](const TailedEvent& event) {
    return std::tie(event.envelope.time, event.log, event.envelope.offset);
  };
  return place_of(left) < place_of(right);
}

/// Takes events out of their list, each once, and puts them into trees.
class Planting {
 public:
  explicit Planting(std::vector<TailedEvent> events);
  std::vector<TraceTree> trees() &&;

 private:
  using Place = std::size_t;
  /// An event that is to go into a tree.
  struct Seed {
    Place place;
    std::size_t depth;
    std::optional<Timestamp> caused;  ///< When its cause was written, if that is an event.
  };

  Cause cause_of(const Envelope& event) const;
  TraceTree& tree_of(Cause cause, const std::string& cause_id);
  void plant(Place root, Cause cause);
  void append_caused_by(const Seed& seed, std::vector<Seed>& seeds) const;

  std::vector<TailedEvent> events_;
  std::vector<bool> planted_;
  std::set<std::string, std::less<>> ids_;
  std::map<std::string, std::vector<Place>, std::less<>> caused_by_;  ///< In the order of events_.
  std::vector<TraceTree> trees_;
  std::map<std::pair<Cause, std::string>, std::size_t> tree_at_;
};

Planting::Planting(std::vector<TailedEvent> events)
    : events_(std::move(events)), planted_(events_.size()) {
  std::sort(events_.begin(), events_.end(), &is_before);
  for (const TailedEvent& event : events_) ids_.insert(event.envelope.id);
  for (Place place = 0; place < events_.size(); ++place) {
    const Envelope& event = events_[place].envelope;
    if (cause_of(event) == Cause::event) caused_by_[*event.causation_id].push_back(place);
  }
}

/// A request's id is the correlation id of what it leads to, and no event's.
Cause Planting::cause_of(const Envelope& event) const {
  if (!event.causation_id) return Cause::untold;
  if (event.causation_id == event.correlation_id) return Cause::request;
  return ids_.contains(*event.causation_id) ? Cause::event : Cause::unread;
}

TraceTree& Planting::tree_of(Cause cause, const std::string& cause_id) {
  const auto [found, is_new] = tree_at_.try_emplace({cause, cause_id}, trees_.size());
  return is_new ? trees_.emplace_back(TraceTree{cause, cause_id, {}}) : trees_[found->second];
}

/// On a stack of its own: how deep it goes is up to whoever wrote the logs.
void Planting::plant(Place root, Cause cause) {
  TraceTree& tree = tree_of(cause, events_[root].envelope.causation_id.value_or(""));
  std::vector<Seed> seeds{{root, 0, std::nullopt}};
  while (!seeds.empty()) {
    const Seed seed = seeds.back();
    seeds.pop_back();
    if (planted_[seed.place]) continue;
    planted_[seed.place] = true;
    append_caused_by(seed, seeds);
    TailedEvent& event = events_[seed.place];
    std::optional<milliseconds> since_cause;
    if (seed.caused) since_cause = event.envelope.time - *seed.caused;
    tree.nodes.push_back({std::move(event), seed.depth, since_cause});
  }
}

/// The first of them last: it is taken from the end.
void Planting::append_caused_by(const Seed& seed, std::vector<Seed>& seeds) const {
  const Envelope& event = events_[seed.place].envelope;
  const auto found = caused_by_.find(event.id);
  if (found == caused_by_.end()) return;
  const std::vector<Place>& places = found->second;
  for (auto place = places.rbegin(); place != places.rend(); ++place) {
    seeds.push_back({*place, seed.depth + 1, event.time});
  }
}

std::vector<TraceTree> Planting::trees() && {
  for (Place place = 0; place < events_.size(); ++place) {
    if (planted_[place]) continue;
    const Cause cause = cause_of(events_[place].envelope);
    if (cause != Cause::event) plant(place, cause);
  }
  // What no root has led to goes round in a circle, which is cut at its earliest event.
  for (Place place = 0; place < events_.size(); ++place) {
    if (!planted_[place]) plant(place, Cause::circle);
  }
  return std::move(trees_);
}

}  // namespace

void TraceScope::learn(const Envelope& event) {
  if (correlations_.contains(event.correlation_id) || !concerns(event, id_)) return;
  correlations_.insert(event.correlation_id);
}

std::vector<TraceTree> trees_of(std::vector<TailedEvent> events) {
  return Planting{std::move(events)}.trees();
}

}  // namespace ticketing::cli
