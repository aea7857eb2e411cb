#pragma once
// FakeMarketplace: the services' API on a free port, as far as ticketctl needs it, with one ticket,
// one order and one payment at a time, and the events of a flow that goes well. Not a model of the
// services: it checks no rule that a test does not ask for.

#include <string>
#include <utility>

#include "fake_world.hpp"
#include "ticketing/client/answers.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/events/envelope.hpp"
#include "unit/client/scripted_server.hpp"

namespace ticketing::cli {

/// An event of `publisher` about the aggregate in `fact`.
template <Event E>
TailedEvent played(std::int64_t offset, const E& fact) {
  Envelope envelope;
  envelope.id = "e" + std::to_string(offset);
  envelope.source = "/ticketing/" + std::string{E::kPublisher};
  envelope.type = E::kSubject;
  envelope.aggregate_id = fact.aggregate_id();
  envelope.log_id = "log-1";
  envelope.offset = offset;
  envelope.version = fact.aggregate_version();
  envelope.correlation_id = "c1";
  envelope.data.text = to_json(fact);
  return {std::string{E::kPublisher}, std::move(envelope)};
}

template <Event E>
E fact_of(const TicketAnswer& ticket) {
  E fact;
  fact.id = ticket.id;
  fact.version = ticket.version;
  fact.title = ticket.title;
  fact.price = ticket.price;
  fact.user_id = ticket.user_id;
  fact.order_id = ticket.order_id;
  return fact;
}

template <Event E>
E fact_of(const OrderAnswer& order) {
  E fact;
  fact.id = order.id;
  fact.version = order.version;
  fact.status = order.status;
  fact.user_id = order.user_id;
  fact.ticket = order.ticket;
  fact.reason = order.reason;
  return fact;
}

struct OfferBody {
  std::string title;
  Money price;
  static constexpr std::array kFields{field<&OfferBody::title>("title"),
                                      field<&OfferBody::price>("price")};
};

class FakeMarketplace {
 public:
  explicit FakeMarketplace(FakeWorld& fake)
      : fake_(fake), server_([this](const Request& request) { return answer(request); }) {
    fake.variables["TICKETING_SERVER"] = server_.origin();
  }

  Request last_request() const { return server_.last_request(); }
  std::size_t requests() const { return server_.requests().size(); }
  std::string origin() const { return server_.origin(); }

  // What the marketplace is to do; set before the verb runs.
  TicketAnswer ticket{"t1", "Concert", Money::from_cents(2000), "u1", 0, {}};
  OrderAnswer order{"o1", "u1", OrderStatus::created, {}, 0, {}, {}};
  std::optional<Response> refusal;  ///< Answers every request.
  int conflicts = 0;                ///< So many edits meet another one's.
  bool reserves = true;             ///< Whether an order comes to be reserved.
  bool declines = false;            ///< Whether what is paid comes too late, and goes back.
  bool frees = true;                ///< Whether a cancelled order's ticket comes to be free.
  bool refuses_card = false;        ///< Whether the card is declined in the answer.
  bool late_payment = false;        ///< Whether payment:created arrives behind its effect.
  std::size_t pages = 1;            ///< Of every listing, each with one item.

 private:
  Response answer(const Request& request) {
    if (refusal) return *refusal;
    correlation_ = request.header("X-Request-Id").value_or("c1");
    const std::string what = request.method + ' ' + request.path.substr(0, request.path.rfind('/'));
    if (what == "POST /api/users" || what == "GET /api/users") return account(request);
    if (what == "GET /api" || what == "POST /api") return collection(request);
    if (what == "GET /api/tickets" && request.path.ends_with(ticket.id)) return read(ticket);
    if (what == "PUT /api/tickets") return edit(request);
    if (!request.header("Authorization")) return error(ErrorCode::unauthorized, "Not authorized");
    if (what == "GET /api/orders" && request.path.ends_with(order.id)) return read(order);
    if (what == "GET /api/payments" && request.path.ends_with("/p1")) return read(charge());
    if (what == "DELETE /api/orders") return cancel(CancelReason::user);
    return error(ErrorCode::not_found, "Not Found");
  }

  Response account(const Request& request) {
    if (request.path.ends_with("/signout")) return sign_out();
    if (request.path.ends_with("/currentuser")) {
      const bool known = request.header("Authorization") == "Bearer token-1";
      return Response::json(200, known ? R"({"currentUser":{"id":"u1","email":"a@b.c","iat":1}})"
                                       : R"({"currentUser":null})");
    }
    UserCreated user;
    user.id = "u" + std::to_string(++users_);
    user.email = "a@b.c";
    publish(user);
    return Response::json(201, to_json(UserAnswer{user.id, user.email}))
        .with("Set-Cookie", "session=token-1; HttpOnly");
  }

  Response collection(const Request& request) {
    const bool tickets = request.path == "/api/tickets";
    if (request.method == "GET") return listing(request, tickets);
    if (!request.header("Authorization")) return error(ErrorCode::unauthorized, "Not authorized");
    if (tickets) return sell(request);
    return request.path == "/api/orders" ? take_order() : take_payment();
  }

  Response listing(const Request& request, bool tickets) {
    const auto after = request.query_value("after");
    const std::size_t page = after ? std::stoul(std::string{*after}) : 0;
    Response response = Response::json(
        200, tickets ? list_to_json(std::vector{ticket}) : list_to_json(std::vector{order}));
    if (page + 1 < pages) {
      response.with("Link",
                    "<" + request.path + "?after=" + std::to_string(page + 1) + ">; rel=\"next\"");
    }
    return response;
  }

  Response sell(const Request& request) {
    const auto offer = from_json<OfferBody>(request.body);
    ticket.title = offer.title;
    ticket.price = offer.price;
    publish(fact_of<TicketCreated>(ticket));
    return Response::json(201, to_json(ticket));
  }

  Response edit(const Request& request) {
    if (conflicts > 0 && request.header("If-Match")) {
      --conflicts;
      ++ticket.version;
      return error(ErrorCode::conflict, "The ticket has changed");
    }
    sell(request);
    ++ticket.version;
    return read(ticket);
  }

  Response take_order() {
    order.ticket = {ticket.id, ticket.title, ticket.price, ticket.version};
    const Response answer = Response::json(201, to_json(order));
    publish(fact_of<OrderCreated>(order));
    if (!reserves) return answer;
    ticket.order_id = order.id;
    ++ticket.version;
    publish(fact_of<TicketUpdated>(ticket));
    move_order(OrderStatus::awaiting_payment);
    publish(fact_of<OrderUpdated>(order));
    return answer;
  }

  Response sign_out() {
    UserUpdated user;
    user.id = "u1";
    publish(user);
    return Response::json(200, "{}");
  }

  Response cancel(CancelReason reason) {
    if (order.status == OrderStatus::cancelled) return Response::empty();
    order.reason = reason;
    move_order(OrderStatus::cancelled);
    publish(fact_of<OrderCancelled>(order));
    if (!frees || !ticket.order_id) return Response::empty();
    ticket.order_id.reset();
    ++ticket.version;
    publish(fact_of<TicketUpdated>(ticket));
    return Response::empty();
  }

  Response refuse_card() {
    publish(PaymentFailed{"p1", 0, order.id, order.ticket.price, "Your card was declined."});
    cancel(CancelReason::payment_failed);
    return error_response(Error{ErrorCode::refused, "Your card was declined.", "card_declined"});
  }

  Response take_payment() {
    if (refuses_card) return refuse_card();
    const PaymentCreated payment{"p1", 1, order.id, order.ticket.price, "ch_1"};
    if (declines) {
      publish(payment);
      cancel(CancelReason::payment_failed);
      publish(PaymentRefunded{"p1", 2, order.id, order.ticket.price, "re_1"});
    } else {
      if (!late_payment) publish(payment);
      move_order(OrderStatus::complete);
      publish(fact_of<OrderUpdated>(order));
      if (late_payment) publish(payment);
    }
    return Response::json(201, R"({"id":"p1"})");
  }

  void move_order(OrderStatus status) {
    order.status = status;
    ++order.version;
  }

  template <Event E>
  void publish(const E& fact) {
    TailedEvent event = played(++offset_, fact);
    event.envelope.correlation_id = correlation_;
    fake_.events.push(std::move(event));
  }
  template <Record T>
  static Response read(const T& value) {
    return Response::json(200, to_json(value));
  }
  static Response error(ErrorCode code, const std::string& message) {
    return error_response(Error{code, message});
  }
  static ChargeAnswer charge() {
    return {"p1", "o1", "completed", Money::from_cents(2000), "ch_1", {}};
  }

  FakeWorld& fake_;
  std::int64_t offset_ = 0;
  std::string correlation_;
  int users_ = 0;
  testing::ScriptedServer server_;
};

}  // namespace ticketing::cli
