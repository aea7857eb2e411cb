#include <string>
#include <utility>

#include "ticketing/http/page.hpp"
#include "tickets/if_match.hpp"
#include "tickets/service.hpp"
#include "tickets/storage.hpp"

namespace tickets {
namespace {

Ticket asked_for(Context& ctx) {
  auto ticket = TicketTable{ctx.tx()}.find(ctx.param("id"));
  if (!ticket) throw Error(ErrorCode::not_found, "Not Found");
  return std::move(*ticket);
}

Response answer(int status, const Ticket& ticket) {
  return Response::json(status, to_json(ticket)).with("ETag", etag(ticket.version));
}

}  // namespace

Response list_ticket(const NewTicket& body, Context& ctx) {
  const Ticket ticket = list(ctx.new_id(), ctx.user().user_id, body);
  TicketTable{ctx.tx()}.insert(ticket);
  ctx.publish(TicketCreated{ticket});
  return answer(201, ticket);
}

Response free_tickets(Context& ctx) {
  const PageQuery page = read_page(ctx.request());
  const TicketTable table{ctx.tx()};
  std::optional<std::string> seller_id;
  if (const auto user = ctx.request().query_value("userId")) seller_id = std::string{*user};
  // `after` may name a ticket that is reserved by now: it keeps its place.
  const auto start = page_start(page, [&](const auto& id) { return table.place_of(id); });
  return page_response(ctx.request(), page, table.free_after(start, page.fetch_count(), seller_id));
}

Response show_ticket(Context& ctx) { return answer(200, asked_for(ctx)); }

Response edit_ticket(const NewTicket& body, Context& ctx) {
  const IfMatch expected{ctx.request().header("If-Match")};
  const Ticket ticket = asked_for(ctx);
  if (ticket.user_id != ctx.user().user_id) throw Error(ErrorCode::unauthorized, "Not authorized");
  const Ticket edited = edit(ticket, body);
  // After the refusals of edit(): a precondition counts only where the request would succeed
  // without it (RFC 9110 section 13.2.1).
  if (!expected.accepts(ticket.version)) {
    throw Error(ErrorCode::conflict, "The ticket has changed", "version_mismatch");
  }
  save(edited, ctx);
  return answer(200, edited);
}

}  // namespace tickets
