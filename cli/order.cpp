// Orders: order, orders, cancel.

#include "invocation.hpp"
#include "listing.hpp"
#include "verbs.hpp"
#include "watch.hpp"

namespace ticketing::cli {
namespace {

constexpr std::array<std::string_view, 5> kColumns{"id", "status", "ticket.price", "expiresAt",
                                                   "ticket.title"};

struct OrderOptions {
  std::string ticket;
  WatchOptions watch;
};

OrderOptions parse_order(const Arguments& arguments) {
  return {arguments.text("TICKET"), parse_watch(arguments)};
}

void order(const OrderOptions& options, Invocation& invocation) {
  Watch watch{options.watch, invocation, {"tickets", "orders", "payments"}};
  Client client = invocation.client(watch.request());
  if (watch.on()) watch.flow().follow(client.ticket(options.ticket));
  const OrderAnswer order = client.order(options.ticket);
  invocation.output().record(order);
  watch.flow().follow(order);
  watch.flow().expect(order.id, order.version);
  watch.until_rest();
  watch.refuse_cancelled();
}

struct ListOrdersOptions {
  ListOptions list;
  std::optional<OrderStatus> status;
};

ListOrdersOptions parse_list_orders(const Arguments& arguments) {
  ListOrdersOptions options{parse_list(arguments), {}};
  const std::string status = arguments.text("status");
  if (status.empty()) return options;
  options.status = value_named<OrderStatus>(status);
  if (!options.status) {
    std::string names;
    for (const std::string_view name : kOrderStatusNames) {
      names += (names.empty() ? "" : ", ") + std::string{name};
    }
    throw usage_error("'" + status + "' is no status; one of: " + names);
  }
  return options;
}

void list(const ListOrdersOptions& options, Invocation& invocation) {
  Client client = invocation.client();
  ListQuery query;
  query.status = options.status;
  const auto page = collect<OrderAnswer>(
      options.list, query, [&](const ListQuery& part) { return client.orders(part); });
  invocation.output().records(page.items, kColumns);
  if (!page.next.empty()) invocation.output().note("there are more; pass --after " + page.next);
}

struct CancelOptions {
  std::string order;
  WatchOptions watch;
};

CancelOptions parse_cancel(const Arguments& arguments) {
  return {arguments.text("ORDER"), parse_watch(arguments)};
}

void cancel(const CancelOptions& options, Invocation& invocation) {
  Watch watch{options.watch, invocation, {"tickets", "orders", "payments"}};
  Client client = invocation.client(watch.request());
  const std::int64_t before = watch.follow_order(client, options.order);
  client.cancel(options.order);
  const OrderAnswer order = client.get_order(options.order);
  invocation.output().record(order);
  // An order that was cancelled before causes nothing more, but its ticket may still be held.
  if (order.version > before) watch.flow().expect(order.id, order.version);
  watch.until_rest();
}

}  // namespace

void order_ticket(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_order, &order>(arguments, invocation);
}

void list_orders(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_list_orders, &list>(arguments, invocation);
}

void cancel_order(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_cancel, &cancel>(arguments, invocation);
}

}  // namespace ticketing::cli
