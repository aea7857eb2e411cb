// What the routes of the five services answer. A service's own files stay short; whoever adds a
// route or a refusal there says so here, and a test fails until then.

#include "orders/order.hpp"
#include "payments/charge.hpp"
#include "reference/reference.hpp"
#include "ticketing/client/answers.hpp"
#include "ticketing/core/json_schema.hpp"
#include "tickets/ticket.hpp"

namespace reference {
namespace {

using namespace ticketing;

using Place = ParameterDoc::Place;

const HeaderDoc kCookie{"Set-Cookie", "The session cookie."};
const HeaderDoc kETag{"ETag", "The ticket's version, quoted."};
const HeaderDoc kLink{"Link", "With rel=\"next\", when there is more."};
const ParameterDoc kLimit{"limit", Place::query, "How many at most.",
                          R"({"type":"integer","minimum":1,"maximum":1000,"default":100})"};
const ParameterDoc kAfter{"after", Place::query, "The id of the last one on the page before.",
                          R"({"type":"string","minLength":1,"maxLength":64})"};
const ParameterDoc kSeller{"userId", Place::query, "Only tickets of this seller."};
const ParameterDoc kIfMatch{"If-Match", Place::header,
                            "Quoted versions, separated by commas, or `*`.",
                            R"({"type":"string","pattern":)"
                            R"("^(\\*|(W/)?\"[^\",]*\"( *, *(W/)?\"[^\",]*\")*)$"})"};

/// One key of the set (RFC 7517, RFC 8037).
struct PublicKey {
  std::string type, curve, algorithm, id, use, x;
  static constexpr std::array kFields{
      field<&PublicKey::type>("kty"),      field<&PublicKey::curve>("crv"),
      field<&PublicKey::algorithm>("alg"), field<&PublicKey::id>("kid"),
      field<&PublicKey::use>("use"),       field<&PublicKey::x>("x"),
  };
};
struct KeySet {
  std::vector<PublicKey> keys;
  static constexpr std::array kFields{field<&KeySet::keys>("keys")};
};

std::string_view status_schema() {
  static const std::string schema =
      json_schema(field<&orders::Order::status>("status"), SchemaSide::accepted);
  return schema;
}

/// `{"currentUser":…}`, which no record can say: its one member is never absent but may be null.
std::string_view session_schema() {
  static const std::string schema =
      R"({"type":"object","required":["currentUser"],"properties":{"currentUser":{"anyOf":[)" +
      json_schema(record_of<SessionAnswer>(), SchemaSide::written) + R"(,{"type":"null"}]}}})";
  return schema;
}

AnswerDoc schema(std::string_view name, std::string_view json,
                 std::vector<HeaderDoc> headers = {}) {
  return {200, name, {}, false, json, std::move(headers)};
}

std::vector<RouteDoc> auth_routes() {
  return {
      {"POST",
       "/api/users/signup",
       "signUp",
       "Makes an account, and signs in",
       AnswerDoc::one<UserAnswer>(201, "User", {kCookie}),
       {"email_in_use", "too_many_attempts"}},
      {"POST",
       "/api/users/signin",
       "signIn",
       "Signs in",
       AnswerDoc::one<UserAnswer>(200, "User", {kCookie}),
       {"invalid_credentials", "too_many_attempts"}},
      {"POST", "/api/users/signout", "signOut", "Ends all sessions of the caller",
       schema("Nothing", R"({"type":"object"})", {kCookie})},
      {"GET", "/api/users/currentuser", "currentUser", "Says who is signed in",
       schema("The user, or null", session_schema())},
      {"PUT",
       "/api/users/password",
       "changePassword",
       "Changes the password, ends other sessions",
       AnswerDoc::one<UserAnswer>(200, "User", {kCookie}),
       {"invalid_credentials", "too_many_attempts"}},
      {"GET", "/.well-known/jwks.json", "keys", "The public keys that verify tokens",
       AnswerDoc::one<KeySet>(200, "KeySet")},
  };
}

std::vector<RouteDoc> ticket_routes() {
  return {
      {"POST", "/api/tickets", "listTicket", "Lists a ticket for sale",
       AnswerDoc::one<tickets::Ticket>(201, "Ticket", {kETag})},
      {"GET",
       "/api/tickets",
       "freeTickets",
       "The free tickets, in the order of creation",
       AnswerDoc::many<tickets::Ticket>("Ticket", {kLink}),
       {},
       {kLimit, kAfter, kSeller}},
      {"GET", "/api/tickets/:id", "showTicket", "One ticket",
       AnswerDoc::one<tickets::Ticket>(200, "Ticket", {kETag})},
      {"PUT",
       "/api/tickets/:id",
       "editTicket",
       "Changes a ticket's title and price",
       AnswerDoc::one<tickets::Ticket>(200, "Ticket", {kETag}),
       {"ticket_reserved", "bad_if_match", "version_mismatch"},
       {kIfMatch}},
  };
}

std::vector<RouteDoc> order_routes() {
  return {
      {"POST",
       "/api/orders",
       "placeOrder",
       "Orders a ticket, and holds it for a while",
       AnswerDoc::one<orders::Order>(201, "Order"),
       {"not_found", "ticket_reserved", "own_ticket"}},
      {"GET",
       "/api/orders",
       "listOrders",
       "The caller's orders, in the order of creation",
       AnswerDoc::many<orders::Order>("Order", {kLink}),
       {},
       {kLimit, kAfter, {"status", Place::query, "Only orders in this status.", status_schema()}}},
      {"GET", "/api/orders/:id", "showOrder", "One order of the caller's",
       AnswerDoc::one<orders::Order>(200, "Order")},
      {"DELETE",
       "/api/orders/:id",
       "cancelOrder",
       "Cancels an order; repeating it is harmless",
       AnswerDoc::nothing(),
       {"order_complete"}},
  };
}

std::vector<RouteDoc> payment_routes() {
  return {
      {"POST",
       "/api/payments",
       "pay",
       "Pays for an order",
       AnswerDoc::one<PaymentAnswer>(201, "Payment"),
       {"not_found", "order_cancelled", "order_expired", "order_paid", "order_not_reserved",
        "payment_in_progress", "card_declined"}},
      {"GET", "/api/payments/:id", "showPayment", "One charge of the caller's",
       AnswerDoc::one<payments::Charge>(200, "Charge")},
  };
}

}  // namespace

std::vector<RouteDoc> route_docs() {
  std::vector<RouteDoc> all;
  for (const auto& routes : {auth_routes(), ticket_routes(), order_routes(), payment_routes()}) {
    all.insert(all.end(), routes.begin(), routes.end());
  }
  return all;
}

std::vector<RefusalDoc> refusal_docs() {
  return {
      {"email_in_use", 400, "the address is another account's"},
      {"invalid_credentials", 400, "email and password do not match"},
      {"too_many_attempts", 429, "signing in failed too often, or there were too many sign-ups"},
      {"ticket_reserved", 400, "an order holds the ticket"},
      {"bad_if_match", 400, "`If-Match` holds no quoted version"},
      {"version_mismatch", 412, "`If-Match` names another version"},
      {"own_ticket", 400, "nobody orders their own ticket"},
      {"order_complete", 400, "the order is complete"},
      {"order_cancelled", 400, "the order is cancelled"},
      {"order_expired", 400, "the order's time is over"},
      {"order_paid", 400, "the order is paid"},
      {"order_not_reserved", 400, "the ticket is not reserved yet, after 2 seconds of waiting"},
      {"payment_in_progress", 400, "the order is being paid, after 2 seconds of waiting"},
      {"payment_in_progress", 503, "the outcome is not known after 10 seconds"},
      {"card_declined", 400, "the payment provider says so"},
  };
}

}  // namespace reference
