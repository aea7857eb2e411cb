// A sixth service, in one file: it notes who bought what.
//
// It keeps a replica of users and a table of its own. Started long after the
// others, it fetches their logs from the first event on, and ends up knowing the same as if it had
// been there all along. Run it beside ticketd:
//
//     example_04_notifications --dev --data-dir ./notifications --listen 127.0.0.1:8090
//       --admin 127.0.0.1:8091 --bus-bind tcp://127.0.0.1:7190
//       --peer auth=tcp://127.0.0.1:7100 --peer orders=tcp://127.0.0.1:7100
//       --jwks http://127.0.0.1:8080/.well-known/jwks.json

#include <array>

#include "ticketing/runtime/host.hpp"

namespace {

using namespace ticketing;

struct Notice {
  std::string email;
  std::string title;
  Money price;
  static constexpr std::array kFields{field<&Notice::email>("email"),
                                      field<&Notice::title>("title"),
                                      field<&Notice::price>("price")};
};

constexpr std::array<std::string_view, 1> kTables{
    "create table notices (order_id text primary key, email text not null,"
    " title text not null, price bigint not null)"};

const Replica<UserFact> kUsers{"user"};

void on_order_updated(const OrderUpdated& order, Context& ctx) {
  if (order.status != OrderStatus::complete) return;
  const auto buyer = kUsers.find(ctx.tx(), order.user_id);
  // Users come from another log than orders: theirs may be the slower one. Tried again soon.
  if (!buyer) throw Error(ErrorCode::unavailable, "the buyer is not known yet");
  ctx.tx().execute(
      "insert into notices (order_id, email, title, price) values (:id, :email, :title, :price)",
      order.id, buyer->email, order.ticket.title, order.ticket.price);
}

Response list_notices(Context& ctx) {
  std::vector<Notice> notices;
  ctx.tx().for_each<std::string, std::string, Money>(
      "select email, title, price from notices order by order_id",
      [&](std::string email, std::string title, Money price) {
        notices.push_back({std::move(email), std::move(title), price});
      });
  return Response::json(200, list_to_json(notices));
}

void define(Service& service) {
  service.migrate(kTables);
  service.replicate<UserCreated, UserUpdated>(kUsers);
  service.on<OrderUpdated>(&on_order_updated);
  service.get("/api/notices", Access::open, &list_notices);
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv,
             {.name = "notifications",
              .summary = "notes who bought what",
              .services = {{"notifications", &define}}});
}
