#pragma once
// PostgreSQL behind the seam of Database: link `ticketing::postgres` and call use_postgres() before
// run(); `--database postgresql://…` works then.
//
// Each service's tables are in a schema of its name, in the database that the URL names. Its
// instances take turns in writing, by an advisory lock that a commit's transaction holds: so a job
// sees what it would see over SQLite, services' SQL is the same, and a log's offsets are given out
// in the order of the commits, without gaps. What costs is the sync, and many jobs share it.
// A connection that is lost fails what it was to commit with Error(unavailable, word
// `database_lost`), and a new one is opened for the next job. When it is lost while a commit is
// under way, the writer first finds out what has become of that.

namespace ticketing {

/// Before any thread is started.
void use_postgres();

}  // namespace ticketing
