#include "nats_testing/simulated_server.hpp"

#include <algorithm>

#include "nats/event_message.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::testing {

using nats_driver::Connection;
using nats_driver::Headers;
using nats_driver::Sent;
using nats_driver::TakeMessage;

namespace {

constexpr std::chrono::milliseconds kNoticesMax{50};  ///< Until a client sees that it is alone.
constexpr std::uint64_t kLossesABreak = 8;
constexpr std::chrono::seconds kUnnoticedMax{9};  ///< Three pings of a client.
constexpr std::chrono::milliseconds kLateMax{200};
constexpr unsigned kLate = 300;  ///< Per mille.

/// Nobody waits for these.
Scheduler::Kind kind_of(const Packet& packet) {
  const bool is_beat = packet.subject.ends_with(".beat");
  return is_beat ? Scheduler::Kind::background : Scheduler::Kind::foreground;
}

}  // namespace

// ---- the server ----

SimulatedServer::SimulatedServer(const WorldTransportMeans& means, Disorder disorder)
    : means_(means),
      random_(seed_of(means.seed, 1)),
      jetstream_(
          seed_of(means.seed, 2), means_.faults, disorder,
          [this](const Packet& packet) { route(packet); },
          [this](const std::string& subject) { return is_heard(subject); },
          [this](const Packet* last, const Packet& packet) { check_order(last, packet); }) {}

std::shared_ptr<Connection> SimulatedServer::connect(const std::string& process,
                                                     std::function<void()> on_lost) {
  if (!is_up_ || cut_.contains(process)) {
    throw Error(ErrorCode::unavailable, "no NATS server answers");
  }
  const std::uint64_t number = ++count_;
  auto made = std::make_shared<SimulatedConnection>(*this, number, process, std::move(on_lost));
  connections_[number] = made;
  return made;
}

void SimulatedServer::disconnect(const std::string& process) {
  for (const auto& [number, weak] : std::map{connections_}) {
    const auto connection = weak.lock();
    if (!connection) {
      connections_.erase(number);
    } else if (process.empty() || connection->process_ == process) {
      connections_.erase(number);
      connection->lose();
    }
  }
}

void SimulatedServer::die(bool power_too) {
  means_.mark(power_too ? "loses power" : "dies");
  power_too ? jetstream_.lose_power() : jetstream_.die();
  if (!std::exchange(is_up_, false)) return;  // What it had not synced was still at stake.
  disconnect({});
}

void SimulatedServer::start() {
  if (is_up_) return;
  is_up_ = true;
  means_.mark("starts");
  plan_step();
}

void SimulatedServer::cut(const std::string& process) {
  cut_.insert(process);
  for (const auto& [number, weak] : connections_) {
    const auto connection = weak.lock();
    if (!connection || connection->process_ != process) continue;
    random_.chance(500) ? freeze(connection) : connection->lose();
  }
}

void SimulatedServer::freeze(const std::shared_ptr<SimulatedConnection>& connection) {
  connection->is_frozen_ = true;
  means_.scheduler.after(random_.up_to(kUnnoticedMax), Kind::foreground,
                         [weak = std::weak_ptr{connection}] {
                           const auto frozen = weak.lock();
                           if (frozen) frozen->lose();
                         });
}

void SimulatedServer::heal() {
  cut_.clear();
  for (const auto& [number, weak] : std::map{connections_}) {
    const auto connection = weak.lock();
    if (connection && connection->is_frozen_) connection->lose();
  }
}

/// A stream holds one log, in its order, each event once, whoever publishes.
void SimulatedServer::check_order(const Packet* last, const Packet& packet) const {
  const auto position_of = [](const Packet& of) {
    return wire::decode_position(header_of(of, nats_driver::kPositionHeader));
  };
  if (last == nullptr || header_of(packet, nats_driver::kPositionHeader).empty()) return;
  const wire::Position before = position_of(*last);
  const wire::Position now = position_of(packet);
  if (now.log_id == before.log_id && now.offset > before.offset) return;
  means_.fail(Broken{"stream", "offset " + std::to_string(now.offset) + " of " + now.log +
                                   " is stored behind " + std::to_string(before.offset)});
}

Scheduler::Time SimulatedServer::arrival(Scheduler::Time& last) {
  last = std::max(last, means_.scheduler.now() + random_.up_to(means_.faults.delay_max));
  return last;
}

/// Whether the connection breaks right now.
bool SimulatedServer::breaks(SimulatedConnection& connection) {
  const bool breaks = random_.chance(means_.faults.lose) && random_.below(kLossesABreak) == 0;
  if (!breaks) return false;
  const std::string process = connection.process_;
  if (means_.note) means_.note("the connection of " + process + " breaks");
  disconnect(process);
  return true;
}

void SimulatedServer::take_late(const Packet& packet, Scheduler::Time by) {
  means_.scheduler.after(by, Kind::foreground, [packet, weak = std::weak_ptr{self_}] {
    const auto self = weak.lock();
    if (self && (*self)->is_up_) (*self)->take(packet);
  });
}

void SimulatedServer::take(const SimulatedConnection& from, const Packet& packet) {
  if (means_.note && kind_of(packet) == Kind::foreground) {
    means_.note(from.process_ + " -> " + packet.subject + ' ' +
                std::string{header_of(packet, "ce-subject")} + ' ' +
                std::string{header_of(packet, "Nats-Expected-Last-Sequence")});
  }
  take(packet);
}

void SimulatedServer::take(const Packet& packet) {
  if (jetstream_.take(packet, means_.scheduler.now())) return plan_step();
  const bool wants_answer = !packet.reply.empty();
  if (wants_answer && !is_heard(packet.subject)) return route(status_packet(packet.reply, 503));
  route(packet);
}

bool SimulatedServer::is_heard(const std::string& subject) const {
  for (const auto& [number, weak] : connections_) {
    const auto connection = weak.lock();
    if (!connection) continue;
    for (const auto& [id, one] : connection->subscriptions_) {
      if (matches(one.subject, subject)) return true;
    }
  }
  return false;
}

void SimulatedServer::route(const Packet& packet) {
  if (means_.note && kind_of(packet) == Kind::foreground) {
    means_.note("-> " + packet.destination() + ": " + packet.subject + ' ' +
                std::string{header_of(packet, "ce-subject")} + ' ' + packet.reply);
  }
  using Listener = std::pair<std::shared_ptr<SimulatedConnection>, std::uint64_t>;
  std::map<std::string, std::vector<Listener>> groups;
  for (const auto& [number, weak] : connections_) {
    const auto connection = weak.lock();
    if (!connection) continue;
    for (const auto& [id, one] : connection->subscriptions_) {
      if (!matches(one.subject, packet.destination())) continue;
      if (one.group.empty()) {
        connection->hand_over(id, packet);
      } else {
        groups[one.group].emplace_back(connection, id);
      }
    }
  }
  for (const auto& [name, members] : groups) {
    const auto& [connection, id] = members[random_.below(members.size())];
    connection->hand_over(id, packet);
  }
}

/// Lets JetStream do what is due, and again when the next thing is: pulls end, and what nobody
/// acknowledged is delivered again.
void SimulatedServer::plan_step() {
  const Scheduler::Time due = jetstream_.step(means_.scheduler.now());
  if (due >= steps_at_) return;
  steps_at_ = due;
  means_.scheduler.at(due, Kind::background, [due, weak = std::weak_ptr{self_}] {
    const auto self = weak.lock();
    if (!self || (*self)->steps_at_ != due) return;
    (*self)->steps_at_ = Scheduler::Time::max();
    if ((*self)->is_up_) (*self)->plan_step();
  });
}

// ---- a connection ----

class SimulatedConnection::Listening final : public Connection::Interest {
 public:
  Listening(std::weak_ptr<SimulatedConnection> connection, std::uint64_t subscription)
      : connection_(std::move(connection)), subscription_(subscription) {}
  ~Listening() override {
    const auto connection = connection_.lock();
    if (!connection) return;
    connection->wanted_.erase(subscription_);
    connection->subscriptions_.erase(subscription_);
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

 private:
  std::weak_ptr<SimulatedConnection> connection_;
  std::uint64_t subscription_;
};

SimulatedConnection::SimulatedConnection(SimulatedServer& server, std::uint64_t number,
                                         std::string process, std::function<void()> on_lost)
    : server_(&server),
      process_(std::move(process)),
      inbox_("_INBOX." + std::to_string(number)),
      on_lost_(std::move(on_lost)) {}

void SimulatedConnection::later(Scheduler::Time& last, Scheduler::Kind kind,
                                std::function<void(SimulatedConnection&)> work) {
  server_->means_.scheduler.at(
      server_->arrival(last), kind, [weak = weak_from_this(), work = std::move(work)] {
        const auto self = weak.lock();
        const bool passes = self && self->server_ != nullptr && !self->is_frozen_;
        if (passes) work(*self);
      });
}

std::unique_ptr<Connection::Interest> SimulatedConnection::subscribe(const std::string& subject,
                                                                     TakeMessage take,
                                                                     const std::string& group) {
  if (server_ == nullptr) return nullptr;
  const std::uint64_t number = ++count_;
  wanted_.insert(number);
  later(to_server_, Scheduler::Kind::foreground,
        [number, made = Subscription{subject, group, std::move(take)}](SimulatedConnection& self) {
          if (self.wanted_.contains(number)) self.subscriptions_.emplace(number, made);
        });
  return std::make_unique<Listening>(weak_from_this(), number);
}

Sent SimulatedConnection::send(const std::string& subject, const std::string& reply,
                               std::string_view body, const Headers& headers) {
  if (server_ == nullptr) return Sent::no;
  if (body.size() > kPayloadMax) return Sent::too_large;
  if (is_frozen_) return Sent::yes;  // Into nothing.
  Packet packet{subject, reply, headers, std::string{body}};
  const auto deliver = [weak = weak_from_this(), packet, loss = loss_,
                        server = std::weak_ptr{server_->self_}] {
    const auto at = server.lock();
    const auto self = weak.lock();
    if (!at || (self && self->is_frozen_)) return;
    if (self && !loss->has_happened && !(*at)->breaks(*self)) return (*at)->take(*self, packet);
    if (loss->late_by) (*at)->take_late(packet, *loss->late_by);
  };
  server_->means_.scheduler.at(server_->arrival(to_server_), kind_of(packet), deliver);
  return Sent::yes;
}

void SimulatedConnection::hand_over(std::uint64_t subscription, const Packet& packet) {
  later(to_client_, kind_of(packet), [subscription, packet](SimulatedConnection& self) {
    const auto found = self.subscriptions_.find(subscription);
    if (found != self.subscriptions_.end()) found->second.take(to_message(packet));
  });
}

void SimulatedConnection::lose() {
  SimulatedServer* const server = std::exchange(server_, nullptr);
  if (server == nullptr) return;
  loss_->has_happened = true;
  if (server->random_.chance(kLate)) loss_->late_by = server->random_.up_to(kLateMax);
  subscriptions_.clear();
  server->means_.scheduler.after(server->random_.up_to(kNoticesMax), Scheduler::Kind::foreground,
                                 on_lost_);
}

}  // namespace ticketing::testing
