#include "simulation/sale.hpp"

#include "simulation/marketplace.hpp"
#include "ticketing/client/answers.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing::test {

namespace {

using testing::request;

constexpr std::chrono::milliseconds kTryAgain{250};

}  // namespace

Sale::Sale(std::uint64_t seed)
    : world_({.seed = seed, .restart_after = std::chrono::milliseconds{100}}), bank_(world_, seed) {
  simulation::add_each(world_, bank_);
  world_.on_event = [this](const std::string& service, const Envelope& event) {
    ledger_.on_event(service, event);
  };
}

void Sale::run() {
  world_.start();
  sell();
  world_.finish();
}

void Sale::check() {
  ledger_.at_end(bank_.balance_cents());
  const auto sold = ledger_.orders().find(order_);
  if (!charge_ || sold == ledger_.orders().end() || sold->second.status != OrderStatus::complete) {
    throw testing::Broken("sale", "the sale did not come to its end", {order_});
  }
}

/// Not answered: the same again under the same key. Refused, because something is still on its way:
/// that is what its key answers from now on.
void Sale::take_new_key(Request& request) {
  for (auto& [name, value] : request.headers) {
    if (name == "Idempotency-Key") value += '+';
  }
}

void Sale::ask(Request made, Next next, int tries) {
  Request sent = made;
  world_.send(std::move(sent), [this, made = std::move(made), next = std::move(next),
                                tries](std::optional<Response> answer) {
    if (answer && answer->status == 201) return next(*answer);
    if (tries == 0) throw testing::Broken("sale", "never answered: " + made.path);
    Request again = made;
    if (answer && answer->status < 500) take_new_key(again);
    world_.after(kTryAgain,
                 [this, again = std::move(again), next, tries] { ask(again, next, tries - 1); });
  });
}

void Sale::sell() {
  ask(request("POST", "/api/tickets", R"({"title":"concert","price":20.5})",
              {world_.bearer("seller"), {"Idempotency-Key", "sell"}}),
      [this](const Response& r) { order(from_json<TicketAnswer>(r.body).id); });
}

void Sale::order(const std::string& ticket) {
  ask(request("POST", "/api/orders", R"({"ticketId":")" + ticket + "\"}",
              {world_.bearer("buyer"), {"Idempotency-Key", "order"}}),
      [this](const Response& r) {
        order_ = from_json<OrderAnswer>(r.body).id;
        pay(order_);
      });
}

void Sale::pay(const std::string& order) {
  ask(request("POST", "/api/payments", R"({"token":"tok_visa","orderId":")" + order + "\"}",
              {world_.bearer("buyer"), {"Idempotency-Key", "pay"}}),
      [this](const Response& r) { charge_ = from_json<PaymentAnswer>(r.body).id; });
}

}  // namespace ticketing::test
