#include "load.hpp"

#include <poll.h>

#include <algorithm>
#include <stdexcept>

#include "support/eventually.hpp"

namespace ticketing::test {

namespace {

constexpr std::size_t kComplaintsMax = 20;
constexpr std::chrono::seconds kPatience{60};
constexpr int kRetryPauseMs = 20;
constexpr milliseconds kLastMoment{10};

}  // namespace

Load::Load(Visitor::OriginOf origin_of, std::size_t clients) : origin_of_(std::move(origin_of)) {
  for (std::size_t i = 0; i < clients; ++i) {
    const auto seed = static_cast<std::minstd_rand::result_type>(i + 1);
    clients_.push_back({Visitor{origin_of_}, {}, std::minstd_rand{seed}});
    clients_.back().visitor.sign_up();
  }
}

void Load::start() {
  for (Client& client : clients_) threads_.emplace_back([this, &client] { run(client); });
}

void Load::stop() {
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::vector<std::string> Load::complaints() const {
  const std::lock_guard lock{mutex_};
  return complaints_;
}

std::int64_t Load::turned_away(const std::string& origin) const {
  const std::lock_guard lock{mutex_};
  const auto found = turned_away_.find(origin);
  return found == turned_away_.end() ? 0 : found->second;
}

void Load::turn_away(const std::string& path, const Response& answer) {
  if (header(answer, "Retry-After").empty()) complain("503 without Retry-After: " + answer.body);
  const std::lock_guard lock{mutex_};
  ++turned_away_[origin_of_(path)];
}

void Load::complain(const std::string& what) {
  const std::lock_guard lock{mutex_};
  if (complaints_.size() < kComplaintsMax) complaints_.push_back(what);
}

void Load::run(Client& client) {
  while (!stopping_) {
    try {
      step(client);
    } catch (const std::exception& error) {
      complain(error.what());
    }
  }
}

void Load::step(Client& client) {
  auto& unpaid = client.unpaid;
  if (!unpaid.empty() && system_clock().now() >= unpaid.front().expires_at - kLastMoment) {
    const std::string order = unpaid.front().id;
    unpaid.pop_front();
    return client.random() % 4 == 0 ? cancel(client, order) : pay(client, order);
  }
  const auto dice = client.random() % 100;
  if (dice < 35) return sell(client);
  if (dice < 45) return edit(client);
  if (dice < 97) return buy(client);
  join(client);
}

void Load::sell(Client& client) {
  const std::string price = std::to_string(1 + client.random() % 500) + ".99";
  const Response answer = write(client, "POST", "/api/tickets", offer("Concert", price));
  const auto ticket = answer_of<TicketAnswer>(answer, 201);
  client.diary.tickets[ticket.id] = ticket.version;
}

void Load::edit(Client& client) {
  auto& tickets = client.diary.tickets;
  if (tickets.empty()) return;
  const auto it =
      std::next(tickets.begin(), static_cast<std::ptrdiff_t>(client.random() % tickets.size()));
  const std::string path = "/api/tickets/" + it->first;
  const std::string price = std::to_string(1 + client.random() % 500) + ".49";
  const Response answer = write(client, "PUT", path, offer("Concert", price));
  if (answer.status == 400) return;  // Reserved.
  it->second = std::max(it->second, answer_of<TicketAnswer>(answer, 200).version);
}

void Load::buy(Client& client) {
  const Response list = write(client, "GET", "/api/tickets?limit=200");
  std::vector<std::string> offered;
  for (const auto& ticket : list_from_json<TicketAnswer>(list.body)) {
    if (ticket.user_id != client.visitor.id) offered.push_back(ticket.id);
  }
  if (offered.empty()) return;
  const std::string& ticket = offered[client.random() % offered.size()];
  const Response placed = write(client, "POST", "/api/orders", order_for(ticket));
  if (placed.status == 400 || placed.status == 404) return;  // Taken, or not heard of in time.
  const auto order = answer_of<OrderAnswer>(placed, 201);
  client.diary.orders.push_back(order.id);
  const auto dice = client.random() % 100;
  if (dice < 55) {
    pay(client, order.id);
  } else if (dice < 75) {
    cancel(client, order.id);
  } else if (dice < 90) {
    client.unpaid.push_back(order);
  }  // Else it is left to expire.
}

void Load::cancel(Client& client, const std::string& order) {
  const Response cancelled = write(client, "DELETE", "/api/orders/" + order);
  if (cancelled.status != 204) throw std::runtime_error("not cancelled: " + cancelled.body);
  client.diary.cancelled.push_back(order);
}

void Load::pay(Client& client, const std::string& order) {
  const char* card = client.random() % 5 == 0 ? "tok_chargeDeclined" : "tok_visa";
  const Response paid = write(client, "POST", "/api/payments", payment_for(order, card));
  if (paid.status == 400 || paid.status == 404)
    return;  // Declined, ended, or not heard of in time.
  client.diary.payments.emplace_back(answer_of<PaymentAnswer>(paid, 201).id, order);
}

void Load::join(Client& client) {
  const std::string email = fresh_email();
  Response answer = write(client, "POST", "/api/users/signup", credentials(email));
  const auto user = answer_of<UserAnswer>(answer, 201);
  client.diary.accounts.emplace_back(email, user.id);
  Visitor fresh = client.visitor;
  fresh.take_token(answer);
  std::swap(fresh.token, client.visitor.token);
  answer = write(client, "POST", "/api/users/signout");
  std::swap(fresh.token, client.visitor.token);
  if (answer.status != 200) complain("sign-out: " + answer.body);
  client.diary.signed_out.push_back(fresh.token);
}

Response Load::write(Client& client, const std::string& method, const std::string& path,
                     const std::string& body) {
  Headers headers;
  if (method == "POST") headers.emplace_back("Idempotency-Key", fresh_key());
  const auto end = SteadyClock::now() + kPatience;
  while (SteadyClock::now() < end) {
    try {
      Response answer = client.visitor.send(method, path, body, headers);
      // A proxy says 502 of a request that may have got through: under its key it may be repeated.
      const bool is_lost = answer.status == 502 || answer.status == 504;
      if (answer.status != 503 && !is_lost) {
        if (method != "GET") ++answered_;
        return answer;
      }
      if (method != "GET" && !is_lost) turn_away(path, answer);
    } catch (const Error&) {  // Down: killed a moment ago.
    }
    ::poll(nullptr, 0, kRetryPauseMs);  // A polite client does not hammer what is down.
  }
  throw std::runtime_error("no answer to " + method + " " + path);
}

}  // namespace ticketing::test
