#pragma once
// A service's SQLite file as a migration meets it: the SDK's tables and some of its own, with rows
// in each.

#include <array>
#include <memory>
#include <string>

#include "support/databases.hpp"
#include "ticketing/messaging/event_log.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::test {

/// Keys of each kind: counted, text, of two columns, counted for good, and none.
inline constexpr std::string_view kOwnTables = R"sql(
CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL, note TEXT, cents BIGINT);
CREATE UNIQUE INDEX item_title ON item (title);
CREATE INDEX item_noted ON item (note, id) WHERE note IS NOT NULL;
CREATE TABLE Named (Name TEXT PRIMARY KEY, Seq BIGINT NOT NULL);
CREATE TABLE pair (a TEXT NOT NULL, b INTEGER NOT NULL, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE receipt (number INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL);
CREATE TABLE loose (a TEXT, b INTEGER);
CREATE TABLE empty (id TEXT PRIMARY KEY);
CREATE VIEW noted AS SELECT id, note FROM item WHERE note IS NOT NULL;
)sql";
inline constexpr std::array kOwnSteps{kOwnTables};

/// What makes trouble where text is escaped, compared or sorted.
inline constexpr std::string_view kOddRows = R"sql(
INSERT INTO item (id, title, note, cents) VALUES
  (-5, '', NULL, NULL), (0, 'a' || char(9) || 'tab', '', 0),
  (1, 'two' || char(10) || 'lines' || char(13), 'it''s "quoted"', -1),
  (2, '\N', '\.', 9223372036854775807),
  (3, '\\', char(8, 11, 12, 1, 127), -9223372036854775807 - 1),
  (4, 'Zürich', 'zürich', 4), (5, 'ß', char(128512), 5), (6, char(65279), char(55295, 57344), 6),
  (7, ' blank ', '{"a":"b\n"}', 7), (8, printf('%.100000c', 'x'), NULL, 8);
INSERT INTO Named SELECT title, id FROM item;
INSERT INTO pair SELECT title, id, note FROM item UNION ALL SELECT title, -id - 1, NULL FROM item;
INSERT INTO receipt (text) VALUES ('a'), ('b'), ('c');
DELETE FROM receipt WHERE number > 1;
INSERT INTO loose VALUES (NULL, 2), ('b', NULL), ('b', 1), (NULL, NULL), ('a', 1), ('a', 1);
)sql";

/// A row at least in each of the SDK's tables.
inline constexpr std::string_view kSdkRows = R"sql(
INSERT INTO ticketing_meta VALUES ('m', 'n');
INSERT INTO ticketing_cursors VALUES ('orders', 'f00d', 7, 3);
INSERT INTO ticketing_inbox VALUES ('orders', 8, 's:t', 'a', 'dead', 6, 1, 'because', '{}');
INSERT INTO ticketing_replicas VALUES ('ticket', 'a', 1, 2, '{"x":"ü"}'), ('order', 'b', 2, 3, '');
INSERT INTO ticketing_parked VALUES ('ticket', 'a', 3, 9, '{}');
INSERT INTO ticketing_timers VALUES ('hold', 'a', 99, 1, 'c', NULL, 't');
INSERT INTO ticketing_idempotency VALUES ('u', 'k', 'hash', 201, 'body', 12);
INSERT INTO ticketing_revocations VALUES ('u', 13, 1);
INSERT INTO ticketing_instances VALUES ('i', 1, 's', 'relay', 1);
INSERT INTO ticketing_leases VALUES ('relay', 'i');
INSERT INTO ticketing_kept VALUES ('a', 's:t', 1);
INSERT INTO ticketing_consumers VALUES ('orders', 1, 2);
)sql";

inline std::array<Migrations, 2> migrations_of_file() {
  return {sdk_migrations(), Migrations{"own", kOwnSteps}};
}

/// `events` of about half a KiB, and an item for each.
inline std::string many_rows(std::int64_t events) {
  return "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
         std::to_string(events) +
         ") INSERT INTO ticketing_log SELECT i, 'ticket:created', printf('t-%08x', i * 2654435761 %"
         " 4294967296), 0, printf('{\"id\":\"%d\",\"data\":\"%.500c\"}', i, 'x') FROM n;"
         "INSERT INTO item SELECT log_offset + 100, aggregate_id, NULL, 5000 FROM ticketing_log";
}

/// Makes the file with these rows; nobody has it open on return.
inline void make_file(const std::string& path, std::string_view rows) {
  DatabaseOptions options;
  options.url = "sqlite:" + path;
  const auto migrations = migrations_of_file();
  Database::open(options, migrations);
  execute(path, "BEGIN; " + std::string{rows} + "; COMMIT");
}

/// A service that opens the schema.
inline std::unique_ptr<Database> open_schema(const std::string& url, const std::string& schema,
                                             bool exclusive = true) {
  DatabaseOptions options;
  options.exclusive = exclusive;
  options.url = url;
  options.schema = schema;
  const auto migrations = migrations_of_file();
  return Database::open(options, migrations);
}

}  // namespace ticketing::test
