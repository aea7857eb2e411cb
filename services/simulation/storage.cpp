#include "simulation/storage.hpp"

#include <array>

namespace simulation {

using namespace ticketing;

namespace {

constexpr std::array<std::string_view, 1> kMigrations{
    "create table heard (log text not null, log_offset bigint not null)"};

}  // namespace

std::span<const std::string_view> reader_migrations() { return kMigrations; }

void write_down(Transaction& tx, const Envelope& event) {
  tx.execute("insert into heard (log, log_offset) values (:log, :log_offset)", event.source,
             event.offset);
}

std::map<std::string, Heard> heard(Transaction& tx) {
  std::map<std::string, Heard> all;
  tx.for_each<std::string, std::int64_t, std::int64_t>(
      "select log, count(*), count(distinct log_offset) from heard group by log",
      [&](const std::string& log, std::int64_t events, std::int64_t distinct) {
        all[log] = {events, distinct};
      });
  return all;
}

}  // namespace simulation
