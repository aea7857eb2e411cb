// A replica that heals, however jumbled the stream of versions that it is made from.
//
// First by hand: versions come early, twice and late, and each time it says what it made of them.
// Then as it happens: a service follows another over a network that loses, doubles and reorders
// messages, and is killed on top. What its replica ends up with is what the owner has.

#include <cstdio>
#include <filesystem>

#include "ticketing/messaging/event_log.hpp"
#include "ticketing/testing/world.hpp"

using namespace ticketing;

const Replica<TicketFact> kTickets{"ticket"};

static TicketFact ticket_at(std::int64_t version) {
  return {"front-row", version, "Front row", Money::from_cents(2000 + version), "ann", {}};
}

static Envelope event_of(const TicketFact& ticket) {
  Envelope event;
  event.aggregate_id = ticket.id;
  event.version = ticket.version;
  event.offset = ticket.version + 1;  // Of its owner's log, where nothing else is.
  event.data.text = to_json(ticket);
  return event;
}

static void arrives(Database& database, std::int64_t version) {
  constexpr std::array kVerdicts{"is applied", "is known", "is parked", "is applied, and heals"};
  database.write_and_step([&](Transaction& tx) {
    const auto result = kTickets.store().apply(tx, event_of(ticket_at(version)));
    std::printf("version %d %s", int(version), kVerdicts.at(std::size_t(result.verdict)));
    if (const auto& gap = result.gap) {
      std::printf(" until offsets %d to %d are fetched", int(gap->after + 1), int(gap->before - 1));
    }
    std::printf("; the replica has %d\n", int(kTickets.store().version_of(tx, "front-row")));
  });
}

static void by_hand(const std::string& file) {
  const std::array migrations{sdk_migrations()};
  DatabaseOptions options;
  options.url = "sqlite:" + file;
  const auto database = Database::open(options, migrations);
  for (const std::int64_t version : {0, 3, 4, 1, 1, 2, 0}) arrives(*database, version);
}

static bool over_a_bad_network() {
  testing::World world;
  world.add("board", {{"board", [](Service& service) {
                         service.replicate<TicketCreated, TicketUpdated>(kTickets);
                       }}});
  world.start();
  world.network() = {.lose = 300, .duplicate = 300, .reorder = 500};  // Per mille.
  world.given(TicketCreated{ticket_at(0)});
  for (std::int64_t version = 1; version <= 100; ++version) {
    world.given(TicketUpdated{ticket_at(version)});
    world.run_for(std::chrono::milliseconds{10});
    if (version == 50) world.kill("board"), world.start("board");
  }
  world.rest();
  std::optional<TicketFact> copy;
  world.read("board", [&](Transaction& tx) { copy = kTickets.find(tx, "front-row"); });
  return copy && to_json(*copy) == to_json(ticket_at(100));
}

int main() {
  const auto folder =
      std::filesystem::temp_directory_path() / new_id(system_clock().now(), system_random());
  std::filesystem::create_directory(folder);
  by_hand((folder / "replica.db").string());
  std::filesystem::remove_all(folder);
  const bool same = over_a_bad_network();
  std::puts(same ? "after 100 changes over a bad network: what its owner has" : "not the same");
  return same ? 0 : 1;
}
