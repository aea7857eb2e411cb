#include "support/visitor.hpp"

#include <algorithm>
#include <stdexcept>

#include "support/eventually.hpp"
#include "ticketing/core/random.hpp"

namespace ticketing::test {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool names_credentials(const Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const auto& entry) {
    return same_name(entry.first, "Authorization") || same_name(entry.first, "Cookie");
  });
}

/// `{"name":"value",…}`; values are written as they are.
std::string object(std::initializer_list<std::pair<std::string_view, std::string>> fields) {
  std::string text = "{";
  for (const auto& [name, value] : fields) {
    if (text.size() > 1) text += ',';
    append_json_string(text, name);
    text += ':' + value;
  }
  return text + '}';
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace

Response Visitor::send(std::string_view method, const std::string& path, std::string_view body,
                       Headers headers) {
  if (!token.empty() && !names_credentials(headers)) {
    headers.emplace_back("Authorization", "Bearer " + token);
  }
  const std::string origin = origin_of_(path);
  const auto client = clients_.try_emplace(origin, HttpClient{origin}).first;
  try {
    return client->second.send(method, path, headers, body);
  } catch (const Error&) {
    clients_.erase(client);  // Whatever has happened to this connection.
    throw;
  }
}

Visitor& Visitor::sign_up() {
  email = fresh_email();
  const Response response = post("/api/users/signup", credentials(email));
  id = answer_of<UserAnswer>(response, 201).id;
  take_token(response);
  return *this;
}

void Visitor::take_token(const Response& response) {
  const std::string cookie = header(response, "Set-Cookie");
  if (!cookie.starts_with("session=")) throw std::runtime_error("no session in " + cookie);
  token = cookie.substr(8, cookie.find(';') - 8);
}

TicketAnswer Visitor::sell(const std::string& title, const std::string& price) {
  return answer_of<TicketAnswer>(post("/api/tickets", offer(title, price)), 201);
}

TicketAnswer Visitor::ticket(const std::string& ticket_id) {
  return answer_of<TicketAnswer>(get("/api/tickets/" + ticket_id), 200);
}

OrderAnswer Visitor::order(const std::string& ticket_id) {
  return answer_of<OrderAnswer>(post("/api/orders", order_for(ticket_id)), 201);
}

OrderAnswer Visitor::get_order(const std::string& order_id) {
  return answer_of<OrderAnswer>(get("/api/orders/" + order_id), 200);
}

OrderAnswer Visitor::reserve(const std::string& ticket_id) {
  OrderAnswer placed = order(ticket_id);
  const bool reserved = eventually([&] {
    placed = get_order(placed.id);
    return placed.status != OrderStatus::created;
  });
  if (!reserved) throw std::runtime_error("order " + placed.id + " does not come to be reserved");
  return placed;
}

std::string Visitor::pay(const std::string& order_id, const std::string& card) {
  return answer_of<PaymentAnswer>(post("/api/payments", payment_for(order_id, card)), 201).id;
}

ChargeAnswer Visitor::charge(const std::string& charge_id) {
  return answer_of<ChargeAnswer>(get("/api/payments/" + charge_id), 200);
}

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (same_name(key, name)) return value;
  }
  return {};
}

std::string credentials(std::string_view email, std::string_view password) {
  return object({{"email", quoted(email)}, {"password", quoted(password)}});
}

std::string offer(std::string_view title, std::string_view price) {
  return object({{"title", quoted(title)}, {"price", std::string{price}}});
}

std::string order_for(std::string_view ticket_id) {
  return object({{"ticketId", quoted(ticket_id)}});
}

std::string payment_for(std::string_view order_id, std::string_view card) {
  return object({{"token", quoted(card)}, {"orderId", quoted(order_id)}});
}

std::string fresh_email() { return fresh_key() + "@example.com"; }

std::string fresh_key() { return random_hex(system_random(), 8); }

}  // namespace ticketing::test
