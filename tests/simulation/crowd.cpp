#include "simulation/crowd.hpp"

#include "linearizability/observe.hpp"
#include "simulation/marketplace.hpp"
#include "ticketing/client/answers.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing::test {

namespace {

using linear::Call;
using linear::Kind;
using linear::Outcome;
using testing::request;
using testing::World;

constexpr std::size_t kBuyers = 4;
constexpr std::size_t kActions = 20;
constexpr std::uint64_t kFaultsMax = 5;
constexpr std::chrono::seconds kWindow{8};
constexpr std::chrono::milliseconds kRestartAfter{200};
constexpr int kNotFound = 404;

std::string offer_at(std::uint64_t dollars) {
  return R"({"title":"Concert","price":)" + std::to_string(dollars) + '}';
}

}  // namespace

Crowd::Crowd(std::uint64_t seed)
    : world_({.seed = seed, .restart_after = kRestartAfter}),
      random_(testing::seed_of(seed, 20)),
      bank_(world_, random_.next()) {
  bank_.fails = static_cast<unsigned>(random_.below(300));
  bank_.delay_max = std::chrono::milliseconds{random_.below(1'500)};
  for (ServiceDefinition& one : simulation::services_with(bank_)) {
    const std::string name = one.name;
    std::map<std::string, std::string> settings;
    if (name == "orders") settings["hold"] = to_text(kHold);
    world_.add(name, {std::move(one)}, std::move(settings));
  }
}

linear::History Crowd::play() {
  world_.start();
  offer();
  plan_actions();
  plan_faults();
  world_.after(kWindow, [this] { world_.heal(); });
  world_.rest();
  world_.finish();
  look_at_everything();
  return history_;
}

/// The history begins when all services know of the ticket.
void Crowd::offer() {
  Request made = request("POST", "/api/tickets", offer_at(20), {world_.bearer("seller")});
  const auto ticket = from_json<TicketAnswer>(world_.call(std::move(made)).body);
  world_.rest();
  history_ = {ticket.id, ticket.price.cents()};
}

void Crowd::plan_actions() {
  for (std::size_t i = 0; i < kActions; ++i) {
    world_.after(random_.up_to(kWindow), [this] { act(); });
  }
}

void Crowd::plan_faults() {
  const auto faults = random_.below(kFaultsMax);
  for (std::size_t i = 0; i < faults; ++i) {
    world_.after(random_.up_to(kWindow), [this] { strike(); });
  }
}

/// No clock is set wrong: the history's times are the world's.
void Crowd::strike() {
  const auto all = world_.processes();
  const std::string& who = all[random_.below(all.size())];
  switch (random_.below(5)) {
    case 0:
      return world_.kill(who);
    case 1:
      return world_.lose_power(who);
    case 2:
      return world_.kill_at_commit(who);
    case 3:
      world_.disk(who).commit_max = std::chrono::milliseconds{200};
      return;
    default:
      world_.network() = {.lose = 100, .duplicate = 100, .reorder = 300};
  }
}

void Crowd::act() {
  const auto dice = random_.below(100);
  if (orders_.empty() || dice < 30) return order();
  if (dice < 40) return edit();
  if (dice < 50) {
    return look_at(Kind::read_ticket, "/api/tickets/" + history_.ticket, {"", any_buyer()});
  }
  if (dice < 55 && !charges_.empty()) {
    const Made& charge = charges_[random_.below(charges_.size())];
    return look_at(Kind::read_charge, "/api/payments/" + charge.id, charge);
  }
  // Mostly the newest, since it is there that things happen.
  act_on(random_.chance(800) ? orders_.back() : orders_[random_.below(orders_.size())]);
}

void Crowd::act_on(const Made& order) {
  const auto dice = random_.below(100);
  if (dice < 30) return look_at(Kind::read_order, "/api/orders/" + order.id, order);
  if (dice >= 50) return pay(order);
  ask({.kind = Kind::cancel, .id = order.id}, request("DELETE", "/api/orders/" + order.id),
      order.buyer);
}

void Crowd::order() {
  ask({.kind = Kind::order},
      request("POST", "/api/orders", R"({"ticketId":")" + history_.ticket + "\"}"), any_buyer());
}

void Crowd::edit() {
  const std::uint64_t dollars = 1 + random_.below(900);
  ask({.kind = Kind::edit, .cents = static_cast<std::int64_t>(dollars) * 100},
      request("PUT", "/api/tickets/" + history_.ticket, offer_at(dollars)), "seller");
}

void Crowd::pay(const Made& order) {
  const bool good = random_.chance(600);
  const std::string card = good ? "tok_visa" : "tok_chargeDeclined";
  ask({.kind = Kind::pay, .id = order.id, .good_card = good},
      request("POST", "/api/payments",
              R"({"orderId":")" + order.id + R"(","token":")" + card + "\"}"),
      order.buyer);
}

void Crowd::look_at(Kind kind, const std::string& path, const Made& what) {
  ask({.kind = kind, .id = what.id}, request("GET", path), what.buyer);
}

void Crowd::ask(Call call, Request request, const std::string& who) {
  request.headers.push_back(world_.bearer(who));
  call.client = history_.operations.size();  // Nobody waits for an answer before asking again.
  const std::size_t number = history_.invoke(call, world_.elapsed());
  world_.send(std::move(request), [this, number, call, who](const auto& response) {
    told(number, call, who, response);
  });
}

void Crowd::told(std::size_t number, const Call& call, const std::string& who,
                 const std::optional<Response>& response) {
  if (!response) return;  // It stays open.
  // Payments has waited for the order in vain, and done nothing.
  if (call.kind == Kind::pay && response->status == kNotFound) return;
  const linear::Answer answer =
      linear::observe(call.kind, *response, {world_.now(), world_.elapsed()});
  history_.answer(number, answer, world_.elapsed());
  if (answer.outcome != Outcome::done) return;
  if (call.kind == Kind::order) orders_.push_back({answer.id, who});
  if (call.kind == Kind::pay) charges_.push_back({answer.id, who});
}

/// Nothing is on its way any more, and all orders are final.
void Crowd::look_at_everything() {
  const std::size_t rest = history_.invoke({.kind = Kind::rest}, world_.elapsed());
  history_.answer(rest, {Outcome::done}, world_.elapsed());
  look_at(Kind::read_ticket, "/api/tickets/" + history_.ticket, {"", any_buyer()});
  for (const Made& order : orders_) look_at(Kind::read_order, "/api/orders/" + order.id, order);
  for (const Made& charge : charges_) {
    look_at(Kind::read_charge, "/api/payments/" + charge.id, charge);
  }
  world_.rest();
}

std::string Crowd::any_buyer() { return "buyer" + std::to_string(random_.below(kBuyers)); }

}  // namespace ticketing::test
