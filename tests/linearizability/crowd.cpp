#include "crowd.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "support/at_once.hpp"
#include "support/databases.hpp"
#include "support/eventually.hpp"

namespace ticketing::linear {
namespace {

using test::eventually;

constexpr std::size_t kBursts = 8;
constexpr std::size_t kActionsInABurst = 2;
/// How long before an expiry, at most, clients let go.
constexpr auto kJitterUs = 6'000U;

/// Every other burst waits for the order to expire. Tickets take turns, and so their orders come to
/// their ends one after the other, too.
bool is_at_expiry(std::size_t burst) { return burst % 2 == 1; }
/// Nobody pays or cancels, so that there is something to expire.
bool is_calm(std::size_t burst) { return burst % 4 == 0; }

/// No event is on its way, and nothing waits for its time or for another try.
bool rests(const test::Marketplace& market) {
  if (!market.at_rest()) return false;
  const test::Databases stored{market};
  return std::all_of(test::kServices.begin(), test::kServices.end(), [&](const auto& service) {
    return stored.number("select (select count(*) from " + service + ".ticketing_timers) +" +
                         " (select count(*) from " + service + ".ticketing_inbox)") == 0;
  });
}

Instant monotonic_now() { return system_clock().monotonic(); }

/// Mostly the newest, since it is there that things happen.
std::optional<Stage::Made> pick(const std::vector<Stage::Made>& all, std::size_t buyer,
                                std::minstd_rand& random) {
  std::vector<Stage::Made> own;
  std::copy_if(all.begin(), all.end(), std::back_inserter(own),
               [&](const Stage::Made& one) { return one.buyer == buyer; });
  if (own.empty()) return std::nullopt;
  return random() % 5 == 0 ? own[random() % own.size()] : own.back();
}

/// The moment itself is what is waited for.
void wait_for_the_moment(std::optional<Instant> expires_at, std::minstd_rand& random) {
  if (!expires_at) return;
  const Instant moment = *expires_at - std::chrono::microseconds{random() % kJitterUs};
  eventually([&] { return monotonic_now() >= moment; });
}

}  // namespace

// ---- Stage ----

Stage::Stage(const TicketAnswer& offered)
    : ticket(offered.id), recorder(History{offered.id, offered.price.cents()}) {}

void Stage::add_order(Made order) {
  const std::lock_guard guard{mutex_};
  orders_.push_back(std::move(order));
}

void Stage::add_charge(Made charge) {
  const std::lock_guard guard{mutex_};
  charges_.push_back(std::move(charge));
}

std::optional<Stage::Made> Stage::order_of(std::size_t buyer, std::minstd_rand& random) const {
  return pick(orders(), buyer, random);
}

std::optional<Stage::Made> Stage::charge_of(std::size_t buyer, std::minstd_rand& random) const {
  return pick(charges(), buyer, random);
}

std::optional<Instant> Stage::next_expiry() const {
  const std::lock_guard guard{mutex_};
  if (orders_.empty()) return std::nullopt;
  return orders_.back().expires_at;
}

std::vector<Stage::Made> Stage::orders() const {
  const std::lock_guard guard{mutex_};
  return orders_;
}

std::vector<Stage::Made> Stage::charges() const {
  const std::lock_guard guard{mutex_};
  return charges_;
}

// ---- Crowd ----

Crowd::Crowd(const test::Marketplace& market, unsigned seed) : market_(market) {
  test::Visitor seller{market};
  seller.sign_up();
  std::vector<test::Visitor> buyers(kBuyers, test::Visitor{market});
  for (test::Visitor& buyer : buyers) buyer.sign_up();
  for (std::size_t i = 0; i < kClients; ++i) {
    const auto start = static_cast<std::minstd_rand::result_type>(seed * kClients + i + 1);
    clients_.push_back({i, buyers[i % kBuyers], seller, std::minstd_rand{start}});
  }
}

std::vector<History> Crowd::histories(std::size_t tickets) {
  Stages stages = open(tickets);
  std::barrier<> together{static_cast<std::ptrdiff_t>(kClients)};
  test::at_once(kClients, [&](std::size_t i) { play(clients_[i], stages, together); });
  close(stages);
  std::vector<History> recorded;
  for (const auto& stage : stages) recorded.push_back(stage->recorder.history());
  return recorded;
}

/// Each history begins when all services know of the ticket.
Crowd::Stages Crowd::open(std::size_t tickets) {
  Stages stages;
  for (std::size_t i = 0; i < tickets; ++i) {
    stages.push_back(std::make_unique<Stage>(clients_[0].seller.sell()));
  }
  if (!eventually([&] { return market_.at_rest(); })) {
    throw std::runtime_error("the tickets are not heard of everywhere");
  }
  return stages;
}

void Crowd::play(Client& client, Stages& stages, std::barrier<>& together) {
  try {
    for (std::size_t burst = 0; burst < kBursts; ++burst) {
      for (auto& stage : stages) {
        // Asked before anybody acts: whoever comes late would wait for the next order's end.
        const auto expires_at = stage->next_expiry();
        together.arrive_and_wait();
        if (is_at_expiry(burst)) wait_for_the_moment(expires_at, client.random);
        for (std::size_t i = 0; i < kActionsInABurst; ++i) act(client, *stage, burst);
      }
    }
  } catch (...) {
    together.arrive_and_drop();  // The others go on; this one's failure is told.
    throw;
  }
}

/// A ticket that is sold has nothing more to tell: good cards come late.
void Crowd::act(Client& client, Stage& stage, std::size_t burst) {
  const auto dice = client.random() % 100;
  const auto own = stage.order_of(client.buyer_number(), client.random);
  const auto charge = stage.charge_of(client.buyer_number(), client.random);
  const bool good_card = client.random() % kBursts < burst;
  if (dice < 28) return order(client, stage);
  if (dice < 36) return edit(client, stage);
  if (dice < 42 && charge) return look_at_charge(client, stage, charge->id);
  if (dice < 50 || !own) return look_at_ticket(client, stage);
  if (dice >= 80 || is_calm(burst)) return look_at_order(client, stage, own->id);
  if (dice < 60) return cancel(client, stage, own->id);
  pay(client, stage, own->id, good_card);
}

void Crowd::order(Client& client, Stage& stage) {
  const Answer answer = stage.recorder.record({client.number, Kind::order}, [&] {
    return client.buyer.post("/api/orders", test::order_for(stage.ticket));
  });
  if (answer.outcome != Outcome::done) return;
  stage.add_order({answer.id, client.buyer_number(), answer.expires_at.value_or(kNever)});
}

void Crowd::cancel(Client& client, Stage& stage, const std::string& id) {
  stage.recorder.record({client.number, Kind::cancel, id},
                        [&] { return client.buyer.del("/api/orders/" + id); });
}

void Crowd::pay(Client& client, Stage& stage, const std::string& id, bool good_card) {
  const char* card = good_card ? "tok_visa" : "tok_chargeDeclined";
  const Answer answer = stage.recorder.record({client.number, Kind::pay, id, good_card}, [&] {
    return client.buyer.post("/api/payments", test::payment_for(id, card));
  });
  if (answer.outcome == Outcome::done) stage.add_charge({answer.id, client.buyer_number()});
}

void Crowd::edit(Client& client, Stage& stage) {
  const std::int64_t dollars = 1 + static_cast<std::int64_t>(client.random() % 900);
  const Call call{client.number, Kind::edit, {}, true, dollars * 100};
  stage.recorder.record(call, [&] {
    return client.seller.put("/api/tickets/" + stage.ticket,
                             test::offer("Concert", std::to_string(dollars)));
  });
}

void Crowd::look_at_order(Client& client, Stage& stage, const std::string& id) {
  stage.recorder.record({client.number, Kind::read_order, id},
                        [&] { return client.buyer.get("/api/orders/" + id); });
}

void Crowd::look_at_ticket(Client& client, Stage& stage) {
  stage.recorder.record({client.number, Kind::read_ticket},
                        [&] { return client.buyer.get("/api/tickets/" + stage.ticket); });
}

void Crowd::look_at_charge(Client& client, Stage& stage, const std::string& id) {
  stage.recorder.record({client.number, Kind::read_charge, id},
                        [&] { return client.buyer.get("/api/payments/" + id); });
}

void Crowd::close(Stages& stages) {
  const auto all_are_final = [&] {
    return std::all_of(stages.begin(), stages.end(), [&](const auto& stage) {
      const auto orders = stage->orders();
      return std::all_of(orders.begin(), orders.end(), [&](const Stage::Made& order) {
        return is_final(clients_[order.buyer].buyer.get_order(order.id).status);
      });
    });
  };
  if (!eventually(all_are_final) || !eventually([&] { return rests(market_); })) {
    throw std::runtime_error("it does not come to rest");
  }
  for (auto& stage : stages) close(*stage);
}

void Crowd::close(Stage& stage) {
  stage.recorder.rest(0);
  look_at_ticket(clients_[0], stage);
  for (const auto& order : stage.orders()) look_at_order(clients_[order.buyer], stage, order.id);
  for (const auto& charge : stage.charges()) {
    look_at_charge(clients_[charge.buyer], stage, charge.id);
  }
}

}  // namespace ticketing::linear
