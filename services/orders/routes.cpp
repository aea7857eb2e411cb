#include <optional>
#include <string>
#include <utility>

#include "orders/service.hpp"
#include "orders/storage.hpp"
#include "ticketing/http/page.hpp"

namespace orders {
namespace {

Error already_reserved() {
  return Error(ErrorCode::refused, "Ticket is already reserved", "ticket_reserved");
}

Order own_order(Context& ctx) {
  auto order = OrderTable{ctx.tx()}.find(ctx.param("id"));
  if (!order) throw Error(ErrorCode::not_found, "Not Found");
  if (order->user_id != ctx.user().user_id) throw Error(ErrorCode::unauthorized, "Not authorized");
  return std::move(*order);
}

void insert(const Order& order, Context& ctx) {
  try {
    OrderTable{ctx.tx()}.insert(order);
  } catch (const Error& error) {
    // The index is the guard of last resort; to the caller it says the same as the check.
    if (error.code() == ErrorCode::conflict) throw already_reserved();
    throw;
  }
}

std::optional<OrderStatus> status_asked_for(const Request& request) {
  const auto name = request.query_value("status");
  if (!name) return std::nullopt;
  const auto status = value_named<OrderStatus>(*name);
  if (!status) throw bad_parameter("status", "status must be the status of an order");
  return status;
}

}  // namespace

Response place_order(const NewOrder& body, milliseconds hold, Context& ctx) {
  const auto ticket = kTickets.find(ctx.tx(), body.ticket_id);
  if (!ticket) ctx.wait_or(Error(ErrorCode::not_found, "Not Found"));
  const Order order = place(ctx.new_id(), ctx.user().user_id, *ticket, ctx.now() + hold);
  const auto state = availability(*ticket, OrderTable{ctx.tx()}.demand_for(*ticket));
  if (state == Availability::taken) throw already_reserved();
  if (state == Availability::settling) ctx.wait_or(already_reserved());
  insert(order, ctx);
  ctx.publish(OrderCreated{order});
  return Response::json(201, to_json(order));
}

Response list_orders(Context& ctx) {
  const PageQuery page = read_page(ctx.request());
  const auto status = status_asked_for(ctx.request());
  const OrderTable table{ctx.tx()};
  const std::string& buyer = ctx.user().user_id;
  const auto start = page_start(page, [&](const auto& id) { return table.place_of(id, buyer); });
  return page_response(ctx.request(), page,
                       table.of_buyer(buyer, start, page.fetch_count(), status));
}

Response show_order(Context& ctx) { return Response::json(200, to_json(own_order(ctx))); }

Response cancel_order(Context& ctx) {
  if (const auto cancelled = cancel(own_order(ctx))) save(*cancelled, ctx);
  return Response::empty();
}

}  // namespace orders
