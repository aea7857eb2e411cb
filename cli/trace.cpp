// Trace: what an id has to do with, across the services: each event under what has caused it.

#include <algorithm>

#include "event_line.hpp"
#include "invocation.hpp"
#include "log_reader.hpp"
#include "trace_tree.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

struct TraceOptions {
  std::string id;
  milliseconds timeout;
};

/// One event in JSON.
struct TracedEvent {
  std::string id;
  std::optional<std::string> causation_id;
  std::string correlation_id;
  std::optional<std::string> traceparent;
  Cause cause = Cause::event;
  std::int64_t depth = 0;
  Timestamp time;
  std::optional<std::int64_t> after_ms;
  std::string publisher;
  std::int64_t offset = 0;
  std::string subject;
  std::string aggregate_id;
  std::int64_t version = 0;
  JsonText data;

  static constexpr std::array kFields{
      field<&TracedEvent::id>("id"),
      field<&TracedEvent::causation_id>("causationId"),
      field<&TracedEvent::correlation_id>("correlationId"),
      field<&TracedEvent::traceparent>("traceparent"),
      field<&TracedEvent::cause>("cause"),
      field<&TracedEvent::depth>("depth"),
      field<&TracedEvent::time>("time"),
      field<&TracedEvent::after_ms>("afterMs"),
      field<&TracedEvent::publisher>("publisher"),
      field<&TracedEvent::offset>("offset"),
      field<&TracedEvent::subject>("subject"),
      field<&TracedEvent::aggregate_id>("aggregateId"),
      field<&TracedEvent::version>("version"),
      field<&TracedEvent::data>("data"),
  };
};

TraceOptions parse_trace(const Arguments& arguments) {
  return {arguments.text("ID"), *arguments.duration("timeout")};
}

/// The logs are read twice, for what belongs to the id, and then for those events: kept are they
/// alone, however long the logs.
TraceScope scope_of(const TraceOptions& options, Invocation& invocation) {
  TraceScope scope{options.id};
  Progress progress{invocation.world()};
  LogReader reader{invocation,
                   progress,
                   {[&](const TailedEvent& event) { scope.learn(event.envelope); },
                    [&](const std::string& reason) {
                      invocation.output().note("an event cannot be read: " + reason);
                    }}};
  reader.read_to_the_end(options.timeout);
  return scope;
}

bool lacks_causes(const std::vector<TailedEvent>& events) {
  const auto trees = trees_of(events);
  return std::any_of(trees.begin(), trees.end(),
                     [](const TraceTree& tree) { return tree.cause == Cause::unread; });
}

std::vector<TailedEvent> events_in(const TraceScope& scope, const TraceOptions& options,
                                   Invocation& invocation) {
  std::vector<TailedEvent> events;
  Progress progress{invocation.world()};
  LogReader reader{invocation,
                   progress,
                   {[&](TailedEvent event) {
                      if (scope.holds(event.envelope)) events.push_back(std::move(event));
                    },
                    [](const std::string&) {}}};  // The first reading has told.
  reader.read_to_the_end(options.timeout);
  reader.read_on(kCausesTake, [&] { return !lacks_causes(events); });
  return events;
}

TracedEvent traced(const TraceTree& tree, const TraceNode& node) {
  const Envelope& event = node.event.envelope;
  TracedEvent traced;
  traced.id = event.id;
  traced.causation_id = event.causation_id;
  traced.correlation_id = event.correlation_id;
  traced.traceparent = event.traceparent;
  traced.cause = node.depth == 0 ? tree.cause : Cause::event;
  traced.depth = static_cast<std::int64_t>(node.depth);
  traced.time = event.time;
  if (node.since_cause) traced.after_ms = node.since_cause->count();
  traced.publisher = node.event.log;
  traced.offset = event.offset;
  traced.subject = event.type;
  traced.aggregate_id = event.aggregate_id;
  traced.version = event.version;
  traced.data = event.data;
  return traced;
}

void print_json(const std::vector<TraceTree>& trees, Output& output) {
  std::vector<TracedEvent> list;
  for (const TraceTree& tree : trees) {
    for (const TraceNode& node : tree.nodes) list.push_back(traced(tree, node));
  }
  output.line(list_to_json(list));
}

/// `00-<trace id>-<parent id>-<flags>`: the trace id is what other tools know the request by.
std::string trace_id_of(const TraceTree& tree) {
  const auto& text = tree.nodes.front().event.envelope.traceparent;
  return text && text->size() > 35 ? ", trace " + text->substr(3, 32) : "";
}

std::string heading_of(const TraceTree& tree) {
  switch (tree.cause) {
    case Cause::request:
      return "request " + tree.cause_id + trace_id_of(tree);
    case Cause::unread:
      return "caused by " + tree.cause_id + ", not in any log that was read";
    case Cause::circle:
      return "caused by " + tree.cause_id + ", which it has caused itself";
    case Cause::untold:
    case Cause::event:
      break;
  }
  return "of no cause that was told";
}

/// Where each node hangs. From the end: what a node looks like depends on what comes after it.
std::vector<std::string> branches_of(const std::vector<TraceNode>& nodes) {
  std::vector<std::string> branches(nodes.size());
  std::vector<bool> goes_on;  // By depth: whether a sibling comes below.
  for (std::size_t i = nodes.size(); i-- > 0;) {
    const std::size_t depth = nodes[i].depth;
    goes_on.resize(depth + 1, false);
    for (std::size_t d = 0; d < depth; ++d) branches[i] += goes_on[d] ? "│  " : "   ";
    branches[i] += goes_on[depth] ? "├─ " : "└─ ";
    goes_on[depth] = true;
  }
  return branches;
}

std::string when(const TraceNode& node) {
  if (!node.since_cause) return to_text(node.event.envelope.time);
  const auto ms = node.since_cause->count();
  return (ms < 0 ? "" : "+") + std::to_string(ms) + " ms";
}

void print(const TraceTree& tree, Output& output) {
  output.line(printable(heading_of(tree)));
  std::vector<std::string> starts = branches_of(tree.nodes);
  std::size_t width = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    starts[i] += when(tree.nodes[i]);
    width = std::max(width, width_of(starts[i]));
  }
  for (std::size_t i = 0; i < starts.size(); ++i) {
    starts[i].append(width - width_of(starts[i]) + 2, ' ');
    output.line(starts[i] + timeless_event_line(tree.nodes[i].event));
  }
}

void trace_id(const TraceOptions& options, Invocation& invocation) {
  const TraceScope scope = scope_of(options, invocation);
  if (scope.empty()) {
    throw Error{ErrorCode::not_found, "no event has to do with " + options.id};
  }
  const auto trees = trees_of(events_in(scope, options, invocation));
  Output& output = invocation.output();
  if (output.json()) return print_json(trees, output);
  for (const TraceTree& tree : trees) print(tree, output);
}

}  // namespace

void trace(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_trace, &trace_id>(arguments, invocation);
}

}  // namespace ticketing::cli
