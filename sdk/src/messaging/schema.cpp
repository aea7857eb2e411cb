#include <array>

#include "ticketing/messaging/event_log.hpp"

namespace ticketing {

namespace {

constexpr std::string_view kTables = R"sql(
CREATE TABLE ticketing_meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
CREATE TABLE ticketing_log (
  log_offset   INTEGER PRIMARY KEY,
  subject      TEXT NOT NULL,
  aggregate_id TEXT NOT NULL,
  version      INTEGER NOT NULL,
  envelope     TEXT NOT NULL
);
CREATE TABLE ticketing_cursors (
  log        TEXT PRIMARY KEY,
  log_id     TEXT NOT NULL,
  log_offset INTEGER NOT NULL
);
CREATE TABLE ticketing_inbox (
  log          TEXT NOT NULL,
  log_offset   INTEGER NOT NULL,
  subject      TEXT NOT NULL,
  aggregate_id TEXT NOT NULL,
  state        TEXT NOT NULL,
  attempts     INTEGER NOT NULL,
  due          INTEGER NOT NULL,
  reason       TEXT NOT NULL,
  envelope     TEXT NOT NULL,
  PRIMARY KEY (log, log_offset)
);
CREATE INDEX ticketing_inbox_aggregate ON ticketing_inbox (log, aggregate_id, log_offset);
CREATE INDEX ticketing_inbox_due ON ticketing_inbox (state, due);
CREATE TABLE ticketing_replicas (
  kind       TEXT NOT NULL,
  id         TEXT NOT NULL,
  version    INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  data       TEXT NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE TABLE ticketing_parked (
  kind       TEXT NOT NULL,
  id         TEXT NOT NULL,
  version    INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  data       TEXT NOT NULL,
  PRIMARY KEY (kind, id, version)
);
CREATE TABLE ticketing_timers (
  kind     TEXT NOT NULL,
  id       TEXT NOT NULL,
  due      INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  correlation_id TEXT NOT NULL,
  causation_id   TEXT,
  traceparent    TEXT,
  PRIMARY KEY (kind, id)
);
CREATE INDEX ticketing_timers_due ON ticketing_timers (due);
CREATE TABLE ticketing_idempotency (
  scope      TEXT NOT NULL,
  name       TEXT NOT NULL,
  body_hash  TEXT NOT NULL,
  status     INTEGER NOT NULL,
  cookie     TEXT NOT NULL,
  body       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (scope, name)
);
CREATE INDEX ticketing_idempotency_age ON ticketing_idempotency (created_at);
CREATE TABLE ticketing_revocations (
  user_id    TEXT PRIMARY KEY,
  valid_from INTEGER NOT NULL
);
)sql";

// Neither sessions nor digests of passwords are kept any more, nor keys as they came.
constexpr std::string_view kKeepNoSecrets = R"sql(
DELETE FROM ticketing_idempotency;
ALTER TABLE ticketing_idempotency DROP COLUMN cookie;
)sql";

// What it takes to shorten a log.
constexpr std::string_view kSnapshots = R"sql(
ALTER TABLE ticketing_cursors ADD COLUMN horizon INTEGER NOT NULL DEFAULT 0;
CREATE TABLE ticketing_kept (
  aggregate_id TEXT NOT NULL,
  subject      TEXT NOT NULL,
  log_offset   INTEGER NOT NULL,
  PRIMARY KEY (aggregate_id, subject)
) WITHOUT ROWID;
CREATE TABLE ticketing_consumers (
  name       TEXT PRIMARY KEY,
  log_offset INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL
);
)sql";

// One tree instead of a table and its index: half the pages to read for each event.
constexpr std::string_view kReplicasByKey = R"sql(
CREATE TABLE ticketing_replicas_by_key (
  kind       TEXT NOT NULL,
  id         TEXT NOT NULL,
  version    INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  data       TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
INSERT INTO ticketing_replicas_by_key (kind, id, version, log_offset, data)
  SELECT kind, id, version, log_offset, data FROM ticketing_replicas ORDER BY kind, id;
DROP TABLE ticketing_replicas;
ALTER TABLE ticketing_replicas_by_key RENAME TO ticketing_replicas;
)sql";

// Several instances of a service on one database. Revocations are numbered, so that each can ask
// for those that others have written since it last looked.
constexpr std::string_view kInstances = R"sql(
CREATE TABLE ticketing_instances (
  id        TEXT PRIMARY KEY,
  beats     INTEGER NOT NULL,
  secrets   TEXT NOT NULL,
  names     TEXT NOT NULL,
  caught_up INTEGER NOT NULL
);
CREATE TABLE ticketing_leases (
  name   TEXT PRIMARY KEY,
  holder TEXT NOT NULL
);
ALTER TABLE ticketing_revocations ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
CREATE INDEX ticketing_revocations_number ON ticketing_revocations (number);
)sql";

constexpr std::array kSteps{kTables, kKeepNoSecrets, kSnapshots, kReplicasByKey, kInstances};

}  // namespace

Migrations sdk_migrations() { return {"ticketing", kSteps}; }

}  // namespace ticketing
