#pragma once
// Visitor: someone who uses a marketplace over HTTP: sends each request to the service that serves
// its path, with their token. Not thread-safe: one per thread.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "support/marketplace.hpp"
#include "ticketing/client/answers.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing::test {

inline constexpr std::string_view kPassword = "correct horse";

class Visitor {
 public:
  /// Where a request for a path goes: `http://127.0.0.1:PORT`.
  using OriginOf = std::function<std::string(std::string_view path)>;

  /// Anonymous until sign_up().
  explicit Visitor(OriginOf origin_of) : origin_of_(std::move(origin_of)) {}
  /// Borrows `market`.
  explicit Visitor(const Marketplace& market)
      : Visitor([&market](std::string_view path) { return market.origin_of(path); }) {}
  /// The same user, with connections of their own.
  Visitor(const Visitor& other)
      : id(other.id), email(other.email), token(other.token), origin_of_(other.origin_of_) {}
  Visitor(Visitor&&) noexcept = default;
  Visitor& operator=(const Visitor&) = delete;

  /// With the token, unless `headers` name credentials themselves.
  Response send(std::string_view method, const std::string& path, std::string_view body = {},
                Headers headers = {});
  Response get(const std::string& path, Headers headers = {}) {
    return send("GET", path, {}, std::move(headers));
  }
  Response post(const std::string& path, std::string_view body, Headers headers = {}) {
    return send("POST", path, body, std::move(headers));
  }
  Response put(const std::string& path, std::string_view body, Headers headers = {}) {
    return send("PUT", path, body, std::move(headers));
  }
  Response del(const std::string& path) { return send("DELETE", path); }

  /// Becomes a new user, whose email nobody else has.
  Visitor& sign_up();
  /// Takes the token from an answer's cookie.
  void take_token(const Response& response);

  // What succeeds, or throws with the answer in its words.
  TicketAnswer sell(const std::string& title = "Concert", const std::string& price = "20");
  TicketAnswer ticket(const std::string& id);
  OrderAnswer order(const std::string& ticket_id);
  OrderAnswer get_order(const std::string& id);
  /// Orders, and waits until the order awaits payment.
  OrderAnswer reserve(const std::string& ticket_id);
  std::string pay(const std::string& order_id, const std::string& card = "tok_visa");
  ChargeAnswer charge(const std::string& id);

  std::string id;
  std::string email;
  std::string token;

 private:
  OriginOf origin_of_;
  std::map<std::string, HttpClient> clients_;  ///< By origin.
};

/// The body of an answer that must have `status`; throws with the answer in its words.
template <Record T>
T answer_of(const Response& response, int status) {
  if (response.status != status) {
    throw std::runtime_error("HTTP " + std::to_string(response.status) + " instead of " +
                             std::to_string(status) + ": " + response.body);
  }
  return from_json<T>(response.body);
}

/// The value of a header, or "". Case does not matter.
std::string header(const Response& response, std::string_view name);

// Bodies of requests.
std::string credentials(std::string_view email, std::string_view password = kPassword);
std::string offer(std::string_view title = "Concert", std::string_view price = "20");
std::string order_for(std::string_view ticket_id);
std::string payment_for(std::string_view order_id, std::string_view card = "tok_visa");

/// An email, or a key, that no other test uses.
std::string fresh_email();
std::string fresh_key();

}  // namespace ticketing::test
