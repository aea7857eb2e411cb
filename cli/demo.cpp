#include "demo.hpp"

#include <algorithm>
#include <stdexcept>

#include "event_line.hpp"
#include "ticketing/core/random.hpp"
#include "ticketing/events/envelope.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view kCard = "tok_visa";
constexpr Money kPrice = Money::from_cents(19'99);

DemoOptions parse_demo(const Arguments& arguments) {
  DemoOptions options;
  options.timeout = arguments.duration("timeout").value_or(options.timeout);
  return options;
}

void run_demo(const DemoOptions& options, Invocation& invocation) {
  Demo{options, invocation}.play();
}

/// The summary's order. Events of two publishers may arrive either way round.
constexpr std::array<std::string_view, 5> kStages{"ticket", "order", "reservation", "payment",
                                                  "completion"};

std::ptrdiff_t place_of(const DemoStage& stage) {
  return std::find(kStages.begin(), kStages.end(), stage.stage) - kStages.begin();
}

/// Why the flow cannot go on after this event; empty when it can.
std::string failure_in(const Envelope& envelope) {
  if (envelope.type == OrderCancelled::kSubject) return "the order was cancelled";
  if (envelope.type == PaymentFailed::kSubject) return "the payment failed";
  if (envelope.type == PaymentRefunded::kSubject) return "the payment was refunded";
  return {};
}

}  // namespace

Demo::Demo(const DemoOptions& options, Invocation& invocation)
    : options_(options), invocation_(invocation), events_(invocation.follow({}, std::nullopt)) {}

void Demo::play() {
  const Clock& clock = invocation_.world().clock;
  const nanoseconds start = clock.monotonic();
  // Sessions of its own: whoever is signed in stays so.
  Client seller = invocation_.anonymous_client();
  Client buyer = invocation_.anonymous_client();
  const std::string seller_id = join("seller", seller);
  const std::string buyer_id = join("buyer", buyer);
  const TicketAnswer ticket = sell(seller);
  const OrderAnswer ordered = order(buyer, ticket);
  pay(buyer, ordered);
  const OrderAnswer end = buyer.get_order(ordered.id);
  if (end.status != OrderStatus::complete) {
    throw std::runtime_error{"order " + end.id + " should be complete and is " +
                             std::string{name_of(end.status)}};
  }
  summarise(clock.monotonic() - start);
}

std::string Demo::join(std::string_view role, Client& client) {
  const std::string email =
      std::string{role} + '-' + random_hex(system_random(), 6) + "@example.com";
  tell("a " + std::string{role} + " signs up as " + email);
  const UserAnswer user = client.sign_up(email, random_hex(system_random(), 16));
  await({{"", UserCreated::kSubject, user.id}});
  return user.id;
}

TicketAnswer Demo::sell(Client& seller) {
  tell("the seller offers a ticket for " + kPrice.to_text());
  const TicketAnswer ticket = seller.sell("Demo concert", kPrice);
  await({{"ticket", TicketCreated::kSubject, ticket.id}});
  return ticket;
}

OrderAnswer Demo::order(Client& buyer, const TicketAnswer& ticket) {
  tell("the buyer orders it; it is reserved, and the order awaits payment");
  const OrderAnswer order = buyer.order(ticket.id);
  await({{"order", OrderCreated::kSubject, order.id},
         {"reservation", TicketUpdated::kSubject, ticket.id},
         {"", OrderUpdated::kSubject, order.id, OrderStatus::awaiting_payment}});
  return order;
}

void Demo::pay(Client& buyer, const OrderAnswer& order) {
  tell("the buyer pays with " + std::string{kCard} + "; the order is complete");
  const PaymentAnswer payment = buyer.pay(order.id, kCard);
  await({{"payment", PaymentCreated::kSubject, payment.id},
         {"completion", OrderUpdated::kSubject, order.id, OrderStatus::complete}});
}

void Demo::tell(const std::string& text) {
  // With --json, stdout carries the summary alone.
  Output& output = invocation_.output();
  output.json() ? output.note(text) : output.line(text);
}

void Demo::await(std::vector<Expected> expected) {
  for (const Expected& one : expected) ids_.insert(one.id);
  const Clock& clock = invocation_.world().clock;
  const nanoseconds deadline = clock.monotonic() + options_.timeout;
  while (!expected.empty()) {
    const nanoseconds left = deadline - clock.monotonic();
    if (left <= nanoseconds::zero()) {
      throw std::runtime_error{"the flow did not come to rest: no " +
                               std::string{expected.front().subject} + " of " +
                               expected.front().id + " within " + to_text(options_.timeout) +
                               "; look at the services' logs"};
    }
    const auto event = next_own(left);
    if (!event) continue;
    if (const std::string failure = failure_in(event->envelope); !failure.empty()) {
      throw std::runtime_error{failure + ": " + summary_of(event->envelope)};
    }
    strike_off(expected, *event);
  }
}

std::optional<TailedEvent> Demo::next_own(nanoseconds timeout) {
  auto event = events_->next(std::chrono::ceil<milliseconds>(timeout));
  if (!event || !ids_.contains(event->envelope.aggregate_id)) return std::nullopt;
  tell("    " + brief_event_line(*event));
  return event;
}

void Demo::strike_off(std::vector<Expected>& expected, const TailedEvent& event) {
  const Envelope& envelope = event.envelope;
  const auto match = std::find_if(expected.begin(), expected.end(), [&](const Expected& one) {
    return one.subject == envelope.type && one.id == envelope.aggregate_id &&
           (!one.status || *one.status == data_of<OrderUpdated>(envelope).status);
  });
  if (match == expected.end()) return;
  if (!match->stage.empty()) {
    stages_.push_back({std::string{match->stage}, event.log, envelope.offset, envelope.version,
                       envelope.aggregate_id});
  }
  expected.erase(match);
}

void Demo::summarise(nanoseconds took) {
  constexpr std::array<std::string_view, 5> kColumns{"stage", "publisher", "offset", "version",
                                                     "id"};
  std::sort(stages_.begin(), stages_.end(), [](const DemoStage& left, const DemoStage& right) {
    return place_of(left) < place_of(right);
  });
  Output& output = invocation_.output();
  if (!output.json()) output.line("");
  output.records(stages_, kColumns);
  const auto whole = std::chrono::ceil<milliseconds>(took);
  output.note("complete after " + std::to_string(whole.count()) + " ms");
}

void play_demo(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_demo, &run_demo>(arguments, invocation);
}

}  // namespace ticketing::cli
