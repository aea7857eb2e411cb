#include "reviews.hpp"

namespace reviews {
namespace {

constexpr std::array<std::string_view, 1> kTables{
    "create table reviews (id text primary key, ticket_id text not null, stars bigint not null,"
    " text text not null); create index reviews_of_ticket on reviews (ticket_id, id)"};

const Replica<OrderFact> kOrders{"order"};

OrderFact bought_by_caller(const std::string& order_id, Context& ctx) {
  const auto order = kOrders.find(ctx.tx(), order_id);
  // Who has just paid may be here before the event that says so: the request waits for it.
  if (!order) ctx.wait_or(Error(ErrorCode::not_found, "Not Found"));
  if (order->user_id != ctx.user().user_id) throw Error(ErrorCode::unauthorized, "Not authorized");
  if (order->status == OrderStatus::complete) return *order;
  ctx.wait_or(Error(ErrorCode::refused, "Only what was bought can be reviewed", "not_bought"));
}

Response write_review(const NewReview& body, Context& ctx) {
  const OrderFact order = bought_by_caller(body.order_id, ctx);
  const ReviewWritten review{order.id, order.ticket.id, body.stars, body.text};
  const auto added = ctx.tx().execute(
      "insert or ignore into reviews (id, ticket_id, stars, text)"
      " values (:id, :ticket, :stars, :text)",
      review.id, review.ticket_id, review.stars, review.text);
  if (added == 0) throw Error(ErrorCode::refused, "This is reviewed already", "reviewed_already");
  ctx.publish(review);
  return Response::json(201, to_json(review));
}

Response list_reviews(Context& ctx) {
  std::vector<ReviewWritten> found;
  ctx.tx().for_each<std::string, std::string, std::int64_t, std::string>(
      "select id, ticket_id, stars, text from reviews where ticket_id = :ticket order by id",
      [&](std::string id, std::string ticket, std::int64_t stars, std::string text) {
        found.push_back({std::move(id), std::move(ticket), stars, std::move(text)});
      },
      ctx.param("ticket"));
  return Response::json(200, list_to_json(found));
}

}  // namespace

void define(Service& service) {
  service.migrate(kTables);
  service.replicate<OrderCreated, OrderUpdated, OrderCancelled>(kOrders);
  service.post<NewReview>("/api/reviews", Access::require_user, &write_review);
  service.get("/api/reviews/:ticket", Access::open, &list_reviews);
}

}  // namespace reviews
