#include "simulation/marketplace.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "simulation/storage.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/messaging/inbox.hpp"

namespace simulation {

using testing::Broken;
using testing::request;
using testing::SeededRandom;
using testing::World;

namespace {

constexpr std::chrono::milliseconds kRetryMax{800};
constexpr std::chrono::milliseconds kRushMax{300};
constexpr std::uint64_t kLateMax = 50;  ///< Actions.
constexpr const char* kPassword = "correct horse battery";

/// Settings that make some of what must not happen likely.
std::map<std::string, std::string> settings_of(SeededRandom& random) {
  return {{"hold", random.chance(500) ? "15m" : std::to_string(2 + random.below(6)) + "s"},
          {"payment-attempts", random.chance(700) ? "1" : "2"},
          {"dev", "true"}};
}

std::string quoted(const std::string& name, const std::string& value) {
  return '"' + name + "\":\"" + value + '"';
}

std::string offer(SeededRandom& random) {
  const auto title = random.below(100);
  const auto dollars = 1 + random.below(90);
  return '{' + quoted("title", "concert " + std::to_string(title)) +
         ",\"price\":" + std::to_string(dollars) + ".99}";
}

/// The session cookie's value, as a browser keeps it.
std::string token_in(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name != "Set-Cookie") continue;
    const auto start = value.find('=') + 1;
    return value.substr(start, value.find(';') - start);
  }
  return {};
}

}  // namespace

std::unique_ptr<testing::Storm> make_marketplace() { return std::make_unique<Marketplace>(); }

void Marketplace::build(World& world, SeededRandom& random) {
  world_ = &world;
  bank_ = std::make_unique<Bank>(world, random.next());
  if (random.chance(600)) {
    bank_->fails = static_cast<unsigned>(random.below(400));
    bank_->delay_max = random.up_to(std::chrono::seconds{3});
  }
  random_.emplace(random.next());
  shortens_ = random.chance(500);
  auto settings = settings_of(random);
  if (shortens_) settings["log-retention"] = "1ms";
  if (random.chance(200)) {
    world.add("ticketd", services_with(*bank_), settings);
  } else {
    add_each(world, *bank_, settings);
  }
  if (shortens_) watch_logs(world, random);
  world.on_event = [this](const std::string& service, const Envelope& event) {
    heads_[service] = event.offset;
    // The only one that is of no state.
    if (event.type != ExpirationComplete::kSubject) newest_[event.aggregate_id] = event;
    ledger_.on_event(service, event);
  };
  for (std::uint64_t i = 0; i < 2 + random.below(4); ++i) {
    people_.push_back({.email = "person" + std::to_string(i) + "@example.com"});
  }
}

/// Where logs are shortened, nobody may miss an event for it, and all replicas end the same: of one
/// who was there all along, and of one who comes late, between two actions or after all is over.
void Marketplace::watch_logs(World& world, SeededRandom& random) {
  world.add("scribe", {reader("scribe")});
  late_by_ = 1 + random.below(kLateMax);
}

void Marketplace::invite(World& world) {
  late_by_ = 0;
  world.add("observer", {reader("observer")});
  world.start("observer");
}

std::string Marketplace::act(World& world, SeededRandom& random) {
  if (late_by_ > 0 && --late_by_ == 0) invite(world);  // Not planned in build(): start() waits.
  Person& person = people_[random.below(people_.size())];
  if (person.token.empty()) return sign_up(person, random);
  constexpr std::array<Action, 20> kActions{
      &Marketplace::sell,   &Marketplace::order,  &Marketplace::order, &Marketplace::order,
      &Marketplace::order,  &Marketplace::haggle, &Marketplace::rush,  &Marketplace::pay,
      &Marketplace::pay,    &Marketplace::pay,    &Marketplace::pay,   &Marketplace::haggle,
      &Marketplace::cancel, &Marketplace::pay,    &Marketplace::edit,  &Marketplace::edit,
      &Marketplace::look,   &Marketplace::order,  &Marketplace::sell,  &Marketplace::sign_out};
  if (tickets_.size() < 2) return sell(person, random);
  return (this->*kActions[random.below(kActions.size())])(person, random);
}

// ---- what people do ----

std::string Marketplace::sign_up(Person& person, SeededRandom&) {
  const std::string path = person.known ? "/api/users/signin" : "/api/users/signup";
  const std::string body =
      '{' + quoted("email", person.email) + ',' + quoted("password", kPassword) + '}';
  send(person, "sign in", person.email, request("POST", path, body), [&person](const Response& r) {
    // Whoever was signed up by an answer that got lost is in use now.
    if (r.status == 400) person.known = true;
    if (r.status >= 300) return;
    person.known = true;
    person.token = token_in(r);
  });
  return person.email + (person.known ? " signs in" : " signs up");
}

std::string Marketplace::sign_out(Person& person, SeededRandom&) {
  send(person, "sign out", person.email, request("POST", "/api/users/signout"),
       [&person](const Response&) { person.token.clear(); });
  return person.email + " signs out";
}

std::string Marketplace::sell(Person& person, SeededRandom& random) {
  send(person, "sell", "",
       request("POST", "/api/tickets", offer(random), {{"Idempotency-Key", key()}}),
       [this, &person](const Response& r) {
         if (r.status != 201) return;
         told_tickets_.push_back(from_json<TicketAnswer>(r.body));
         tickets_.emplace_back(told_tickets_.back().id, &person);
       });
  return person.email + " sells a ticket";
}

std::string Marketplace::edit(Person&, SeededRandom& random) {
  const auto& [ticket, seller] = tickets_[random.below(tickets_.size())];
  change(ticket, *seller, random);
  return seller->email + " edits ticket " + ticket;
}

std::string Marketplace::order(Person& person, SeededRandom& random) {
  const std::string ticket = tickets_[random.below(tickets_.size())].first;
  buy(person, ticket);
  return person.email + " orders ticket " + ticket;
}

std::string Marketplace::haggle(Person& person, SeededRandom& random) {
  const auto& [ticket, seller] = tickets_[random.below(tickets_.size())];
  buy(person, ticket);
  change(ticket, *seller, random);
  return person.email + " orders ticket " + ticket + " while its seller edits it";
}

std::string Marketplace::rush(Person&, SeededRandom& random) {
  const auto& [ticket, seller] = tickets_[random.below(tickets_.size())];
  for (Person& person : people_) {
    if (&person == seller) continue;
    world_->after(random.up_to(kRushMax),
                  [this, &person, ticket = ticket] { buy(person, ticket); });
  }
  change(ticket, *seller, random);
  return "everybody orders ticket " + ticket + " while its seller edits it";
}

void Marketplace::change(const std::string& ticket, Person& seller, SeededRandom& random) {
  send(
      seller, "edit", ticket, request("PUT", "/api/tickets/" + ticket, offer(random)),
      [this](const Response& r) {
        if (r.status == 200) told_tickets_.push_back(from_json<TicketAnswer>(r.body));
      },
      1);
}

void Marketplace::buy(Person& person, const std::string& ticket) {
  send(person, "order", ticket,
       request("POST", "/api/orders", '{' + quoted("ticketId", ticket) + '}',
               {{"Idempotency-Key", key()}}),
       [this, &person](const Response& r) {
         if (r.status != 201) return;
         const auto order = from_json<OrderAnswer>(r.body);
         told_orders_.emplace_back(order.id, order.user_id);
         orders_.emplace_back(order.id, &person);
       });
}

std::string Marketplace::cancel(Person& person, SeededRandom& random) {
  if (orders_.empty()) return order(person, random);
  const auto& [id, buyer] = orders_[random.below(orders_.size())];
  send(*buyer, "cancel", id, request("DELETE", "/api/orders/" + id),
       [this, id = id](const Response& r) {
         if (r.status == 204) told_cancelled_.push_back(id);
       });
  return buyer->email + " cancels order " + id;
}

std::string Marketplace::pay(Person& person, SeededRandom& random) {
  if (orders_.empty()) return order(person, random);
  // Mostly the newest: old ones are over.
  const std::size_t back = std::min(random.below(orders_.size()), random.below(orders_.size()));
  const auto& [id, buyer] = orders_[orders_.size() - 1 - back];
  const std::string card = random.chance(700) ? "tok_visa" : "tok_chargeDeclined";
  send(*buyer, "pay", id,
       request("POST", "/api/payments",
               '{' + quoted("orderId", id) + ',' + quoted("token", card) + '}',
               {{"Idempotency-Key", key()}}),
       [this, id = id](const Response& r) {
         if (r.status == 201) told_paid_.emplace_back(from_json<PaymentAnswer>(r.body).id, id);
       });
  return buyer->email + " pays order " + id + " with " + card;
}

std::string Marketplace::look(Person& person, SeededRandom& random) {
  if (orders_.empty()) return order(person, random);
  const auto& [id, buyer] = orders_[random.below(orders_.size())];
  send(
      *buyer, "look", id, request("GET", "/api/orders/" + id), [](const Response&) {}, 1);
  return buyer->email + " looks at order " + id;
}

// ---- how they do it ----

void Marketplace::send(Person& person, const std::string& what, const std::string& target,
                       Request made, Next next, int tries) {
  Request sent = made;
  if (!person.token.empty()) sent.headers.emplace_back("Authorization", "Bearer " + person.token);
  Call call{person.email, what, target, world_->elapsed(), {}, std::nullopt};
  world_->send(std::move(sent), [this, &person, call = std::move(call), made = std::move(made),
                                 next = std::move(next), tries](std::optional<Response> response) {
    Call done = call;
    done.ended = world_->elapsed();
    done.response = std::move(response);
    world_->note(done.person, done.what + ' ' + done.target + ": " +
                                  (done.response ? std::to_string(done.response->status) + ' ' +
                                                       done.response->body.substr(0, 120)
                                                 : "no answer"));
    if (on_call) on_call(done);
    settle(person, done, made, next, tries);
  });
}

/// No answer, or "not now": again, under the same key. "Who are you?": whoever was signed out, or
/// whose clock is another day's, signs in again some time.
void Marketplace::settle(Person& person, const Call& call, const Request& made, const Next& next,
                         int tries) {
  const int status = call.response ? call.response->status : 503;
  if (status == 500) throw Broken("500", call.what + " answered 500", {call.target});
  if (status == 401) person.token.clear();
  if (status != 503) return next(*call.response);
  if (tries <= 1) return;
  const auto pause = std::chrono::milliseconds{50} + random_->up_to(kRetryMax);
  world_->after(pause, [this, &person, call, made, next, tries] {
    send(person, call.what, call.target, made, next, tries - 1);
  });
}

std::string Marketplace::key() { return "key-" + std::to_string(++keys_); }

// ---- what must be true in the end ----

void Marketplace::check(World& world) {
  ledger_.at_end(bank_->balance_cents());
  for (const std::string& service : world.services()) {
    world.read(service, [&](Transaction& tx) {
      if (!Inbox::list(tx).empty()) throw Broken("I3", service + " has events set aside");
    });
  }
  check_tickets(world);
  check_orders(world);
  check_charges();
  if (!shortens_) return;
  if (late_by_ > 0) {
    invite(world);
    world.rest();
  }
  check_heard(world);
  for (const char* const reader : {"scribe", "observer"}) check_copies(world, reader);
}

namespace {

/// What whoever was told of it is shown now. Nothing where that user has signed out while the clock
/// of auth was ahead: until then no token counts but those that auth itself dates ahead.
template <class Answer>
std::optional<Answer> shown(World& world, const std::string& path, const std::string& user) {
  const Response answer = world.call(request("GET", path, {}, {world.bearer(user)}));
  if (answer.status == 401) return std::nullopt;
  if (answer.status != 200) throw Broken("I3", path + " is not there any more", {path});
  return from_json<Answer>(answer.body);
}

}  // namespace

void Marketplace::check_tickets(World& world) const {
  for (const TicketAnswer& told : told_tickets_) {
    const auto ticket = shown<TicketAnswer>(world, "/api/tickets/" + told.id, told.user_id);
    if (!ticket) continue;
    if (ticket->version < told.version ||
        ticket->version != ledger_.tickets().at(told.id).version) {
      throw Broken("I3", "a ticket is not what was answered and published", {told.id});
    }
  }
}

void Marketplace::check_orders(World& world) const {
  for (const auto& [id, user] : told_orders_) {
    const auto order = shown<OrderAnswer>(world, "/api/orders/" + id, user);
    if (order && order->status != ledger_.orders().at(id).status) {
      throw Broken("I3", "an order is not what was published", {id});
    }
  }
  for (const std::string& id : told_cancelled_) {
    if (ledger_.orders().at(id).status != OrderStatus::cancelled) {
      throw Broken("I3", "an order that was cancelled is not", {id});
    }
  }
}

void Marketplace::check_charges() const {
  for (const auto& [charge, order] : told_paid_) {
    const auto found = ledger_.charges().find(order);
    if (found == ledger_.charges().end() || found->second != charge) {
      throw Broken("I3", "a charge that was answered is not there", {order, charge});
    }
  }
}

/// However far behind it was, and whatever has been shortened meanwhile.
void Marketplace::check_heard(World& world) const {
  std::map<std::string, Heard> scribe;
  std::map<std::string, Heard> observer;
  world.read("scribe", [&](Transaction& tx) { scribe = heard(tx); });
  world.read("observer", [&](Transaction& tx) { observer = heard(tx); });
  for (const auto& [service, head] : heads_) {
    const std::string log = "/ticketing/" + service;
    if (scribe[log].distinct != head) {
      throw Broken("I3", "of " + std::to_string(head) + " events of " + service + " " +
                             std::to_string(scribe[log].distinct) + " came to a consumer");
    }
    for (const Heard& by : {scribe[log], observer[log]}) {
      if (by.events == by.distinct) continue;
      throw Broken("I4", "an event of " + service + " took effect twice");
    }
  }
}

void Marketplace::check_copies(World& world, const std::string& reader) const {
  world.read(reader, [&](Transaction& tx) {
    for (const auto& [id, event] : newest_) {
      const std::string kind = event.type.substr(0, event.type.find(':'));
      if (ReplicaStore{kind}.find(tx, id) == event.data.text) continue;
      throw Broken("I5", "the copy of the " + reader + " is not its owner's " + kind, {id});
    }
  });
}

}  // namespace simulation
