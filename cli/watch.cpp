#include "watch.hpp"

#include <chrono>

#include "event_line.hpp"
#include "progress.hpp"
#include "ticketing/core/random.hpp"

namespace ticketing::cli {

using std::chrono::nanoseconds;

namespace {

constexpr milliseconds kSlice{250};  ///< How long one wait for an event lasts.

}  // namespace

WatchOptions parse_watch(const Arguments& arguments) {
  return {arguments.is_set("watch"), *arguments.duration("timeout")};
}

Watch::Watch(const WatchOptions& options, Invocation& invocation,
             std::initializer_list<std::string_view> logs)
    : options_(options),
      invocation_(invocation),
      request_(options.on ? new_id(invocation.world().clock.now(), system_random()) : ""),
      flow_(request_) {
  if (!options.on) return;
  events_ = invocation.follow({}, std::nullopt);
  require_logs(*events_, {logs.begin(), logs.size()});
}

std::int64_t Watch::follow_order(Client& client, const std::string& id) {
  if (!on()) return 0;
  const OrderAnswer order = client.get_order(id);
  flow_.follow(order);
  flow_.follow(client.ticket(order.ticket.id));
  return order.version;
}

void Watch::until_rest() {
  if (comes_to_rest()) return;
  throw Error{ErrorCode::unavailable,
              "the flow did not come to rest within " + to_text(options_.timeout) + ": " +
                  flow_.owed() + "; see ticketctl trace " + request_,
              "timeout"};
}

bool Watch::comes_to_rest() {
  if (!on()) return true;
  const Clock& clock = invocation_.world().clock;
  const nanoseconds end = clock.monotonic() + options_.timeout;
  Progress progress{invocation_.world()};
  for (std::string owed = flow_.owed(); !owed.empty(); owed = flow_.owed()) {
    const auto left = std::chrono::ceil<milliseconds>(end - clock.monotonic());
    if (left <= milliseconds::zero()) return false;
    progress.tell(owed);
    const auto event = events_->next(std::min(left, kSlice));
    if (!event || !flow_.concerns(event->envelope)) continue;
    progress.wipe();
    print(*event);
    flow_.learn(event->envelope);
  }
  return true;
}

void Watch::print(const TailedEvent& event) {
  Output& output = invocation_.output();
  output.line(output.json() ? encode(event.envelope) : event_line(event));
}

void Watch::refuse_cancelled() const {
  const auto reason = flow_.cancelled();
  if (!reason) return;
  throw Error{ErrorCode::refused,
              "the order was cancelled (" + std::string{name_of(*reason)} + ')'};
}

}  // namespace ticketing::cli
