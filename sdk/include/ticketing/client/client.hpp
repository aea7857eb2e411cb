#pragma once
// Client: the reference services' HTTP API as typed calls.
//
// Keeps one connection and one session: sign_up() and sign_in() take the token from the answer's
// cookie, and every later call sends it as `Authorization: Bearer`. Not thread-safe: one per
// thread.
//
// Every call throws Error, with the code that says what to do next and the server's own message:
//   invalid       a field is wrong (one complaint per field)     unauthorized  401
//   refused       right input, but the state says no             not_found     404
//   conflict      412: reload and redo                           exhausted     429
//   unavailable   not reachable, 503, or a failure inside        corrupt       not an answer of
//   this API
//
// A 503 that names a time (Retry-After) is waited out and tried again, within the options' bounds.
// That is safe: sell(), order() and pay() always carry an idempotency key, the caller's or a new
// one.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/client/answers.hpp"
#include "ticketing/core/error.hpp"
#include "ticketing/core/money.hpp"
#include "ticketing/core/time.hpp"
#include "ticketing/http/client.hpp"

namespace ticketing {

struct ClientOptions {
  std::string server = "http://127.0.0.1:8080";
  milliseconds timeout{20'000};            ///< Of one request.
  std::string request_id;                  ///< X-Request-Id of all requests; empty: the server's.
  std::size_t retries_max = 3;             ///< After a 503 that names a time.
  milliseconds retry_wait_max{5'000};      ///< A longer Retry-After fails at once.
  std::function<void(milliseconds)> wait;  ///< How to wait; empty: sleeps.
};

/// Which part of a listing.
struct ListQuery {
  std::optional<std::int64_t> limit;
  std::string after;                  ///< A Page's `next`; empty: from the start.
  std::string user_id;                ///< Tickets only: of this seller.
  std::optional<OrderStatus> status;  ///< Orders only.
};

class Client {
 public:
  /// Does not connect yet. Throws Error(invalid) when `options.server` is not an `http://` origin.
  explicit Client(ClientOptions options = {});

  /// The session's token; empty while signed out. Whoever keeps it must keep it secret.
  const std::string& token() const { return token_; }
  void set_token(std::string token) { token_ = std::move(token); }

  // ---- accounts ----
  UserAnswer sign_up(std::string_view email, std::string_view password,
                     std::string_view idempotency_key = {});
  UserAnswer sign_in(std::string_view email, std::string_view password);
  /// Ends the session everywhere; the token is forgotten.
  void sign_out();
  /// Whom the token belongs to; nullopt: nobody, or it is no longer valid.
  std::optional<SessionAnswer> current_user();

  // ---- tickets ----
  /// Free tickets, oldest first.
  Page<TicketAnswer> list_tickets(const ListQuery& query = {});
  TicketAnswer ticket(std::string_view id);
  TicketAnswer sell(std::string_view title, Money price, std::string_view idempotency_key = {});
  /// With `version`, only if the ticket is still at it; otherwise throws Error(conflict).
  TicketAnswer edit(std::string_view id, std::string_view title, Money price,
                    std::optional<std::int64_t> version = {});

  // ---- orders ----
  OrderAnswer order(std::string_view ticket_id, std::string_view idempotency_key = {});
  /// The caller's own orders, oldest first.
  Page<OrderAnswer> orders(const ListQuery& query = {});
  OrderAnswer get_order(std::string_view id);
  /// Repeating it is harmless.
  void cancel(std::string_view order_id);

  // ---- payments ----
  PaymentAnswer pay(std::string_view order_id, std::string_view card_token,
                    std::string_view idempotency_key = {});
  ChargeAnswer payment(std::string_view id);

 private:
  Response send(std::string_view method, const std::string& path, Headers headers = {},
                std::string_view body = {});
  /// A POST under `key`, or under a new one when it is empty.
  Response post(const std::string& path, std::string_view key, std::string_view body);
  UserAnswer open_session(const Response& response);

  ClientOptions options_;
  HttpClient http_;
  std::string token_;
};

/// The Error that an error answer (status 300 and up) stands for: the way back from
/// error_response(). The message is the server's, or names the status when there is none.
Error error_of(const Response& response);

}  // namespace ticketing
