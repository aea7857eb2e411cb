#include "ticketing/client/client.hpp"

#include <thread>
#include <utility>

#include "client/headers.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/core/random.hpp"

namespace ticketing {
namespace {

struct Credentials {
  std::string email;
  std::string password;
  static constexpr std::array kFields{field<&Credentials::email>("email"),
                                      field<&Credentials::password>("password")};
};

struct Offer {
  std::string title;
  Money price;
  static constexpr std::array kFields{field<&Offer::title>("title"), field<&Offer::price>("price")};
};

struct OrderRequest {
  std::string ticket_id;
  static constexpr std::array kFields{field<&OrderRequest::ticket_id>("ticketId")};
};

struct PaymentRequest {
  std::string token;
  std::string order_id;
  static constexpr std::array kFields{field<&PaymentRequest::token>("token"),
                                      field<&PaymentRequest::order_id>("orderId")};
};

struct CurrentUser {
  std::optional<SessionAnswer> user;
  static constexpr std::array kFields{field<&CurrentUser::user>("currentUser")};
};

/// A request's body. JSON can only carry well-formed UTF-8, and an argument may be anything.
template <Record T>
std::string body_of(const T& request, std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    if (!is_utf8(text)) throw Error{ErrorCode::invalid, "text must be UTF-8"};
  }
  return to_json(request);
}

/// Runs `read`; what it cannot read is the server's fault, never the caller's.
template <class F>
auto read_answer(const Response& response, F read) {
  try {
    return read(response.body);
  } catch (const Error& error) {
    throw Error{ErrorCode::corrupt,
                std::string{"the server's answer is not one of this API: "} + error.what()};
  }
}

template <Record T>
T answer_of(const Response& response) {
  return read_answer(response, [](const std::string& body) { return from_json<T>(body); });
}

template <Record T>
Page<T> page_of(const Response& response) {
  auto items =
      read_answer(response, [](const std::string& body) { return list_from_json<T>(body); });
  return {std::move(items), next_page(response)};
}

std::string path_of(std::string_view collection, std::string_view id) {
  if (id.empty()) throw Error{ErrorCode::invalid, "an id must not be empty"};
  return std::string{collection} + '/' + url_encoded(id);
}

std::string with_query(std::string path, const ListQuery& query) {
  char separator = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    path += separator;
    path += name;
    path += '=';
    path += url_encoded(value);
    separator = '&';
  };
  if (query.limit) add("limit", std::to_string(*query.limit));
  if (!query.after.empty()) add("after", query.after);
  if (!query.user_id.empty()) add("userId", query.user_id);
  if (query.status) add("status", name_of(*query.status));
  return path;
}

}  // namespace

Client::Client(ClientOptions options)
    : options_(std::move(options)), http_(options_.server, options_.timeout) {
  if (!options_.wait) {
    options_.wait = [](milliseconds time) { std::this_thread::sleep_for(time); };
  }
}

UserAnswer Client::sign_up(std::string_view email, std::string_view password,
                           std::string_view idempotency_key) {
  const Credentials credentials{std::string{email}, std::string{password}};
  Headers headers;
  if (!idempotency_key.empty()) headers.emplace_back("Idempotency-Key", idempotency_key);
  return open_session(send("POST", "/api/users/signup", std::move(headers),
                           body_of(credentials, {email, password})));
}

UserAnswer Client::sign_in(std::string_view email, std::string_view password) {
  const Credentials credentials{std::string{email}, std::string{password}};
  return open_session(
      send("POST", "/api/users/signin", {}, body_of(credentials, {email, password})));
}

void Client::sign_out() {
  send("POST", "/api/users/signout");
  token_.clear();
}

std::optional<SessionAnswer> Client::current_user() {
  return answer_of<CurrentUser>(send("GET", "/api/users/currentuser")).user;
}

Page<TicketAnswer> Client::list_tickets(const ListQuery& query) {
  return page_of<TicketAnswer>(send("GET", with_query("/api/tickets", query)));
}

TicketAnswer Client::ticket(std::string_view id) {
  return answer_of<TicketAnswer>(send("GET", path_of("/api/tickets", id)));
}

TicketAnswer Client::sell(std::string_view title, Money price, std::string_view idempotency_key) {
  const Offer offer{std::string{title}, price};
  return answer_of<TicketAnswer>(post("/api/tickets", idempotency_key, body_of(offer, {title})));
}

TicketAnswer Client::edit(std::string_view id, std::string_view title, Money price,
                          std::optional<std::int64_t> version) {
  const Offer offer{std::string{title}, price};
  Headers headers;
  if (version) headers.emplace_back("If-Match", '"' + std::to_string(*version) + '"');
  return answer_of<TicketAnswer>(
      send("PUT", path_of("/api/tickets", id), std::move(headers), body_of(offer, {title})));
}

OrderAnswer Client::order(std::string_view ticket_id, std::string_view idempotency_key) {
  const OrderRequest request{std::string{ticket_id}};
  return answer_of<OrderAnswer>(
      post("/api/orders", idempotency_key, body_of(request, {ticket_id})));
}

Page<OrderAnswer> Client::orders(const ListQuery& query) {
  return page_of<OrderAnswer>(send("GET", with_query("/api/orders", query)));
}

OrderAnswer Client::get_order(std::string_view id) {
  return answer_of<OrderAnswer>(send("GET", path_of("/api/orders", id)));
}

void Client::cancel(std::string_view order_id) { send("DELETE", path_of("/api/orders", order_id)); }

PaymentAnswer Client::pay(std::string_view order_id, std::string_view card_token,
                          std::string_view idempotency_key) {
  const PaymentRequest request{std::string{card_token}, std::string{order_id}};
  return answer_of<PaymentAnswer>(
      post("/api/payments", idempotency_key, body_of(request, {order_id, card_token})));
}

ChargeAnswer Client::payment(std::string_view id) {
  return answer_of<ChargeAnswer>(send("GET", path_of("/api/payments", id)));
}

Response Client::send(std::string_view method, const std::string& path, Headers headers,
                      std::string_view body) {
  if (!token_.empty()) headers.emplace_back("Authorization", "Bearer " + token_);
  if (!options_.request_id.empty()) headers.emplace_back("X-Request-Id", options_.request_id);
  for (std::size_t retry = 0;; ++retry) {
    Response response = http_.send(method, path, headers, body);
    if (response.status < 300) return response;
    const auto pause = retry_after(response);
    const bool again = response.status == 503 && pause && *pause <= options_.retry_wait_max &&
                       retry < options_.retries_max;
    if (!again) throw error_of(response);
    options_.wait(*pause);
  }
}

Response Client::post(const std::string& path, std::string_view key, std::string_view body) {
  std::string name{key};
  if (name.empty()) name = new_id(system_clock().now(), system_random());
  return send("POST", path, {{"Idempotency-Key", std::move(name)}}, body);
}

UserAnswer Client::open_session(const Response& response) {
  UserAnswer user = answer_of<UserAnswer>(response);
  auto token = session_cookie(response);
  if (!token || token->empty()) {
    throw Error{ErrorCode::corrupt, "the server opened no session: its answer has no cookie"};
  }
  token_ = std::move(*token);
  return user;
}

}  // namespace ticketing
