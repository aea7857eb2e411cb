#include "testing/simulated_bus.hpp"

#include <algorithm>

#include "testing/unsettled.hpp"

namespace ticketing::testing {

namespace {

using Kind = Scheduler::Kind;

constexpr std::chrono::milliseconds kBeat{250};
constexpr std::chrono::milliseconds kReconnectMax{500};
constexpr std::chrono::milliseconds kRedeliverPause{200};

bool wants(const SubscriptionOptions& options, const std::string& subject) {
  const auto& wanted = options.subjects;
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), subject) != wanted.end();
}

/// Positions of all logs, otherwise.
bool is_event(const wire::Frames& frames) {
  return frames.front() != wire::kBeatTopic && frames.front() != wire::kJoinTopic;
}

}  // namespace

struct SimulatedBus::Follower {
  Follower(Consumer given, std::string process, std::weak_ptr<SimulatedBus*> at)
      : consumer(std::move(given)),
        owner(std::move(at)),
        publisher(consumer.endpoint.empty() ? process : consumer.endpoint),
        core(consumer.options, consumer.cursor) {}

  Consumer consumer;
  std::weak_ptr<SimulatedBus*> owner;
  std::string publisher;  ///< The process that hosts the log.
  Subscription core;
  Scheduler::Time wakes_at = Scheduler::Time::max();
  Scheduler::Time last_live{0};
  Scheduler::Time last_request{0};
  Scheduler::Time last_answer{0};
};

SimulatedBus::SimulatedBus(Network& network, std::string process, Logger& logger)
    : network_(network), process_(std::move(process)), logger_(logger) {
  network_.buses_[process_] = this;
}

void SimulatedBus::host(HostedLog log) {
  relays_.emplace(log.name, Relay{log.name, log.id, log.head, "-"});
  logs_.emplace(log.name, std::move(log));
}

void SimulatedBus::follow(Consumer consumer) {
  followers_.push_back(std::make_shared<Follower>(std::move(consumer), process_, self_));
  if (has_started_) drive(Shared{followers_.back()});
}

void SimulatedBus::unfollow(const std::string& consumer, const std::string& log) {
  std::erase_if(followers_, [&](const Shared& follower) {
    return follower->consumer.name == consumer && follower->core.options().log == log;
  });
}

void SimulatedBus::start() {
  has_started_ = true;
  beat();
  // Those that were connected before reconnect, and subscribe again as before.
  for (const auto& [name, bus] : network_.buses_) {
    if (bus == this) continue;
    for (const Shared& follower : bus->followers_) {
      if (follower->publisher == process_) plan_reconnect(follower);
    }
  }
  for (const Shared& follower : followers_) drive(follower);
}

/// Tried again for as long as the way is cut.
void SimulatedBus::plan_reconnect(const Shared& follower) {
  network_.scheduler_.after(
      network_.random_.up_to(kReconnectMax), Kind::foreground,
      [weak = Weak{follower}, here = std::weak_ptr{self_}] {
        const auto self = here.lock();
        const auto subscriber = weak.lock();
        const auto owner = self && subscriber ? subscriber->owner.lock() : nullptr;
        if (!owner) return;
        const bool is_cut = (*self)->network_.is_cut((*owner)->process_, (*self)->process_);
        is_cut ? (*self)->plan_reconnect(subscriber) : (*self)->subscribe(subscriber);
      });
}

void SimulatedBus::stop() {
  self_.reset();
  if (network_.bus_of(process_) == this) network_.buses_.erase(process_);
  followers_.clear();
  subscribers_.clear();
}

// ---- the publisher's side ----

void SimulatedBus::committed(const std::string& name, std::vector<LogEntry> entries) {
  if (!self_) return;
  for (wire::Frames& message : relays_.at(name).committed(std::move(entries))) {
    for (const Weak& weak : subscribers_) {
      const Shared follower = weak.lock();
      if (!follower || follower->core.options().log != name) continue;
      if (wants(follower->core.options(), message.front())) {
        send_live(follower, message, Kind::foreground);
      }
    }
  }
}

void SimulatedBus::beat() {
  std::erase_if(subscribers_, [](const Weak& weak) { return weak.expired(); });
  for (const Weak& weak : subscribers_) {
    send_live(weak.lock(), positions(wire::kBeatTopic), Kind::background);
  }
  network_.scheduler_.after(kBeat, Kind::background, [here = std::weak_ptr{self_}] {
    if (const auto self = here.lock()) (*self)->beat();
  });
}

wire::Frames SimulatedBus::positions(std::string_view topic) const {
  wire::Frames frames{std::string{topic}};
  for (const auto& [name, relay] : relays_) frames.push_back(wire::encode(relay.position()));
  return frames;
}

void SimulatedBus::subscribe(const Shared& follower) {
  const auto is_it = [&](const Weak& weak) { return weak.lock() == follower; };
  if (std::none_of(subscribers_.begin(), subscribers_.end(), is_it)) {
    subscribers_.push_back(follower);
  }
  send_live(follower, positions(wire::kJoinTopic), Kind::foreground);
}

void SimulatedBus::send_live(const Shared& follower, wire::Frames frames, Kind kind) {
  const auto owner = follower->owner.lock();
  if (!owner) return;
  const auto sent = std::make_shared<const wire::Frames>(std::move(frames));
  const std::string_view envelope = is_event(*sent) ? std::string_view{(*sent)[2]} : "";
  network_.send({process_, (*owner)->process_, sent->front(), envelope, kind}, follower->last_live,
                [weak = Weak{follower}, sent] {
                  if (const Shared to = weak.lock()) receive(to, *sent);
                });
}

void SimulatedBus::answer(const Shared& follower, const std::string& line) {
  const auto owner = follower->owner.lock();
  if (!owner) return;
  wire::Frames read = answer_fetch(logs_, line, logger_);
  if (read.empty()) return;
  if (!self_) return;  // It has died of its disk meanwhile.
  network_.send({process_, (*owner)->process_, "answer to a fetch"}, follower->last_answer,
                [weak = Weak{follower}, frames = std::move(read)] {
                  const Shared to = weak.lock();
                  const auto consumer = to ? to->owner.lock() : nullptr;
                  if (!consumer) return;
                  to->core.input().on_fetched(wire::decode_fetch_answer(frames));
                  (*consumer)->drive(to);
                });
}

// ---- the consumer's side ----

void SimulatedBus::receive(const Shared& follower, const wire::Frames& frames) {
  const auto owner = follower->owner.lock();
  if (!owner) return;
  if (is_event(frames)) {
    follower->core.input().on_event(wire::decode_position(frames[1]), frames[0], frames[2]);
  } else {
    receive_positions(follower, frames, frames.front() == wire::kJoinTopic);
  }
  (*owner)->drive(follower);
}

void SimulatedBus::receive_positions(const Shared& follower, const wire::Frames& frames,
                                     bool is_hello) {
  for (std::size_t i = 1; i < frames.size(); ++i) {
    const wire::Position position = wire::decode_position(frames[i]);
    if (position.log != follower->core.options().log) continue;
    is_hello ? follower->core.input().on_hello(position) : follower->core.input().on_beat(position);
  }
}

void SimulatedBus::drive(const Shared& follower) {
  Subscription::Actions actions = follower->core.step(network_.scheduler_.now());
  if (actions.join) join(follower);
  if (actions.fetch) ask(follower, *actions.fetch);
  if (actions.report) tell(follower, *actions.report);
  if (actions.deliver) deliver(follower, actions.deliver);
  wake_up(follower, follower->core.next_deadline());
}

/// Whoever is waiting for a deadline is not at rest, so that these need not hold up the rest.
void SimulatedBus::wake_up(const Shared& follower, Scheduler::Time at) {
  if (follower->wakes_at <= at) return;  // And looks again then.
  follower->wakes_at = at;
  network_.scheduler_.at(at, Kind::background,
                         [weak = Weak{follower}, at, here = std::weak_ptr{self_}] {
                           const auto self = here.lock();
                           const Shared due = weak.lock();
                           if (!self || !due || due->wakes_at != at) return;
                           due->wakes_at = Scheduler::Time::max();
                           (*self)->drive(due);
                         });
}

void SimulatedBus::join(const Shared& follower) {
  network_.send({process_, follower->publisher, "subscription"}, follower->last_request,
                [weak = Weak{follower}, network = &network_] {
                  const Shared subscriber = weak.lock();
                  SimulatedBus* const to =
                      subscriber ? network->bus_of(subscriber->publisher) : nullptr;
                  if (to) to->subscribe(subscriber);
                });
}

void SimulatedBus::ask(const Shared& follower, const wire::FetchRequest& request) {
  send_line(follower, "fetch", wire::encode(request), Kind::foreground);
}

/// Nobody answers, but a world is not at rest while the log does not know who reads it.
void SimulatedBus::tell(const Shared& follower, const wire::Report& report) {
  send_line(follower, "report", wire::encode(report), Kind::foreground);
}

void SimulatedBus::send_line(const Shared& follower, const char* what, std::string line,
                             Kind kind) {
  network_.send({process_, follower->publisher, what, {}, kind}, follower->last_request,
                [weak = Weak{follower}, line = std::move(line), network = &network_] {
                  const Shared asking = weak.lock();
                  SimulatedBus* const to = asking ? network->bus_of(asking->publisher) : nullptr;
                  if (to) to->answer(asking, line);
                });
}

void SimulatedBus::deliver(const Shared& follower, const std::shared_ptr<const Batch>& batch) {
  follower->consumer.apply(batch, [this, weak = Weak{follower}](bool durable) {
    const Shared target = weak.lock();
    if (!target) return;  // Stopped, or not followed any more; otherwise this bus is still there.
    durable ? target->core.on_applied()
            : target->core.on_apply_failed(network_.scheduler_.now(), kRedeliverPause);
    drive(target);
  });
}

void SimulatedBus::request_replay(const std::string& consumer, const std::string& log, Gap gap) {
  for (const Shared& follower : followers_) {
    if (follower->consumer.name != consumer || follower->core.options().log != log) continue;
    follower->core.request_replay(gap);
    drive(follower);
  }
}

std::vector<SubscriptionStatus> SimulatedBus::statuses() const {
  std::vector<SubscriptionStatus> all;
  for (const Shared& follower : followers_) {
    const Subscription& core = follower->core;
    all.push_back({follower->consumer.name, core.options().log, core.caught_up(), core.lag(),
                   core.applied(), core.refusal(), core.joined()});
  }
  return all;
}

void SimulatedBus::append_unsettled(std::vector<std::string>& lines) const {
  for (const Shared& follower : followers_) {
    const Subscription& core = follower->core;
    const std::string& log = core.options().log;
    const SimulatedBus* const publisher = network_.bus_of(follower->publisher);
    append_unless_settled(follower->consumer.name, core,
                          publisher ? std::optional{publisher->head_of(log)} : std::nullopt, lines);
  }
}

}  // namespace ticketing::testing
