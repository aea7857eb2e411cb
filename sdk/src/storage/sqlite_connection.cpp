#include "storage/sqlite_connection.hpp"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "ticketing/core/error.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::storage {

namespace {

using namespace sqlite_api;  // SOCI wraps SQLite's header in it.

std::string quoted(const std::string& value) { return '"' + value + '"'; }

std::string connect_string(const SqliteOptions& options) {
  std::string text = "db=" + quoted(options.path) + " timeout=10";
  if (!options.vfs.empty()) text += " vfs=" + options.vfs;
  if (options.read_only) text += " readonly=true";
  return text;
}

// SOCI does not export the type information that the sanitizer wants for a downcast.
__attribute__((no_sanitize("vptr"))) sqlite3* handle_of(soci::session& session) {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}
__attribute__((no_sanitize("vptr"))) sqlite3_stmt* handle_of(soci::statement& statement) {
  return static_cast<soci::sqlite3_statement_backend*>(statement.get_backend())->stmt_;
}

bool is_failed_sync(int extended_code) {
  return extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC;
}

/// SQLite's own hook for this ignores every failure.
int checkpoint_when_long(void* pages_max, sqlite3* handle, const char* schema, int pages) {
  if (pages < *static_cast<const int*>(pages_max)) return SQLITE_OK;
  const int code =
      sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (is_failed_sync(code)) stop_process("the disk failed to sync in a checkpoint");
  return SQLITE_OK;  // The commit stands; what was not copied stays in the log for the next time.
}

[[noreturn]] void throw_open_error(const SqliteOptions& options, const std::string& reason) {
  throw Error(ErrorCode::unavailable, "cannot open the database " + options.path + ": " + reason);
}

std::unique_ptr<soci::session> open(const SqliteOptions& options) {
  try {
    return std::make_unique<soci::session>(soci::sqlite3, connect_string(options));
  } catch (const soci::soci_error& error) {
    throw_open_error(options, error.what());
  }
}

}  // namespace

SqliteConnection::SqliteConnection(const SqliteOptions& options) : Connection(open(options)) {
  sqlite3* handle = handle_of(session());
  sqlite3_extended_result_codes(handle, 1);
  // SQLite opens what it may not write all the same, and says so at the first write.
  if (!options.read_only && sqlite3_db_readonly(handle, "main") == 1) {
    throw_open_error(options, "it may not be written");
  }
}

SqliteConnection::~SqliteConnection() = default;

void SqliteConnection::run_script(std::string_view sql) {
  char* message = nullptr;
  const int code =
      sqlite3_exec(handle_of(session()), std::string{sql}.c_str(), nullptr, nullptr, &message);
  sqlite3_free(message);
  if (code != SQLITE_OK) throw meaning(sql);
}

void SqliteConnection::begin_write() { execute("BEGIN IMMEDIATE"); }

bool SqliteConnection::in_transaction() const {
  return sqlite3_get_autocommit(handle_of(session())) == 0;
}

Error SqliteConnection::rolled_back() const {
  return {ErrorCode::unavailable, "the disk is full or failing", "disk_full"};
}

void SqliteConnection::checkpoint_after(int pages) {
  checkpoint_pages_ = std::make_unique<int>(pages);
  sqlite3_wal_hook(handle_of(session()), checkpoint_when_long, checkpoint_pages_.get());
}

void SqliteConnection::reset(soci::statement& statement) const {
  sqlite3_reset(handle_of(statement));
}

/// By what SQLite last said on this connection.
Error SqliteConnection::meaning(std::string_view sql) const {
  sqlite3* handle = handle_of(session());
  const int extended = sqlite3_extended_errcode(handle);
  const std::string reason = sqlite3_errmsg(handle);
  if (is_failed_sync(extended)) stop_process("the disk failed to sync: " + reason);
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT:
      return {ErrorCode::conflict, reason};
    case SQLITE_FULL:
      return {ErrorCode::unavailable, "the disk is full", "disk_full"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::unavailable, "the database is in use by another process"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
      return {ErrorCode::unavailable, reason};
    default:
      return {ErrorCode::corrupt, reason + " (in: " + std::string{sql} + ")"};
  }
}

}  // namespace ticketing::storage
