// Tickets: list, sell, edit.

#include "invocation.hpp"
#include "listing.hpp"
#include "price.hpp"
#include "verbs.hpp"
#include "watch.hpp"

namespace ticketing::cli {
namespace {

constexpr std::array<std::string_view, 5> kColumns{"id", "title", "price", "userId", "version"};

struct ListTicketsOptions {
  ListOptions list;
  std::string seller;
};

ListTicketsOptions parse_list_tickets(const Arguments& arguments) {
  return {parse_list(arguments), arguments.text("seller")};
}

void list(const ListTicketsOptions& options, Invocation& invocation) {
  Client client = invocation.anonymous_client();
  ListQuery query;
  query.user_id = options.seller;
  const auto page = collect<TicketAnswer>(
      options.list, query, [&](const ListQuery& part) { return client.list_tickets(part); });
  invocation.output().records(page.items, kColumns);
  if (!page.next.empty()) invocation.output().note("there are more; pass --after " + page.next);
}

struct SellOptions {
  std::string title;
  Money price;
  WatchOptions watch;
};

SellOptions parse_sell(const Arguments& arguments) {
  return {arguments.text("TITLE"), parse_price(arguments.text("PRICE")), parse_watch(arguments)};
}

void sell(const SellOptions& options, Invocation& invocation) {
  Watch watch{options.watch, invocation, {"tickets"}};
  const TicketAnswer ticket = invocation.client(watch.request()).sell(options.title, options.price);
  invocation.output().record(ticket);
  watch.flow().expect(ticket.id, ticket.version);
  watch.until_rest();
}

struct EditOptions {
  std::string ticket;
  std::optional<std::string> title;
  std::optional<Money> price;
  WatchOptions watch;
};

EditOptions parse_edit(const Arguments& arguments) {
  EditOptions options{
      arguments.text("TICKET"), arguments.optional_text("title"), {}, parse_watch(arguments)};
  if (const auto price = arguments.optional_text("price")) options.price = parse_price(*price);
  if (!options.title && !options.price)
    throw usage_error("nothing to change; pass --title or --price");
  return options;
}

/// The API replaces title and price together. So one alone needs the ticket as it is, and must not
/// undo what someone else changed meanwhile: the server compares the version.
TicketAnswer edit_once(const EditOptions& options, Client& client) {
  if (options.title && options.price) {
    return client.edit(options.ticket, *options.title, *options.price);
  }
  const TicketAnswer now = client.ticket(options.ticket);
  return client.edit(options.ticket, options.title.value_or(now.title),
                     options.price.value_or(now.price), now.version);
}

TicketAnswer edit_until_done(const EditOptions& options, Client& client) {
  constexpr int kTriesMax = 3;
  for (int tries = 1;; ++tries) {
    try {
      return edit_once(options, client);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::conflict || tries == kTriesMax) throw;
    }
  }
}

void edit(const EditOptions& options, Invocation& invocation) {
  Watch watch{options.watch, invocation, {"tickets"}};
  Client client = invocation.client(watch.request());
  const TicketAnswer ticket = edit_until_done(options, client);
  invocation.output().record(ticket);
  watch.flow().expect(ticket.id, ticket.version);
  watch.until_rest();
}

}  // namespace

void list_tickets(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_list_tickets, &list>(arguments, invocation);
}

void sell_ticket(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_sell, &sell>(arguments, invocation);
}

void edit_ticket(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_edit, &edit>(arguments, invocation);
}

}  // namespace ticketing::cli
