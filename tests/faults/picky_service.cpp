// A service with a bug: it notes every version of every ticket, but fails for those whose title is
// `--fails-for`. Started without that flag, it is fixed.

#include <array>

#include "ticketing/runtime/host.hpp"

namespace {

using namespace ticketing;

constexpr std::array<std::string_view, 1> kTables{
    "create table notes (number integer primary key, ticket text not null,"
    " version bigint not null)"};

void define(Service& service) {
  service.migrate(kTables);
  const auto note = [bad = service.settings().text("fails-for")](const TicketFact& ticket,
                                                                 Context& ctx) {
    ctx.tx().execute("insert into notes (ticket, version) values (:ticket, :version)", ticket.id,
                     ticket.version);
    if (ticket.title == bad) throw Error(ErrorCode::unavailable, "cannot take " + ticket.title);
  };
  service.on<TicketCreated>(note);
  service.on<TicketUpdated>(note);
  service.get("/notes/:ticket", Access::open, [](Context& ctx) {
    std::string versions;
    ctx.tx().for_each<std::int64_t>(
        "select version from notes where ticket = :ticket order by number",
        [&](std::int64_t version) { versions += std::to_string(version) + ' '; },
        ctx.param("ticket"));
    return Response::json(200, versions);
  });
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv,
             {.name = "picky",
              .summary = "fails for some tickets",
              .services = {{"picky",
                            &define,
                            {{"fails-for", OptionKind::text, "", "a title that it fails for"}}}}});
}
