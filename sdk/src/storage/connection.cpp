#include "storage/connection.hpp"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <deque>

#include "ticketing/core/error.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::storage {

namespace {

using namespace sqlite_api;  // SOCI wraps SQLite's header in it.

/// A parameter or a column: SOCI binds by reference, so each statement owns its values.
struct Slot {
  bool is_text = false;
  long long integer = 0;
  std::string text;
  soci::indicator indicator = soci::i_ok;
};

std::string quoted(const std::string& value) { return '"' + value + '"'; }

std::string connect_string(const ConnectionOptions& options) {
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

[[noreturn]] void throw_open_error(const ConnectionOptions& options, const std::string& reason) {
  throw Error(ErrorCode::unavailable, "cannot open the database " + options.path + ": " + reason);
}

}  // namespace

struct Connection::Session {
  int checkpoint_pages = 0;
  soci::session soci;
  sqlite3* handle = nullptr;
};

struct Connection::Statement {
  explicit Statement(soci::session& session) : soci(session) {}
  soci::statement soci;
  bool fits(std::span<const Param> given, std::span<const bool> is_text) const;
  void reset() { sqlite3_reset(handle_of(soci)); }
  std::deque<Slot> params;  // Addresses must stay: SOCI keeps references.
  std::deque<Slot> columns;
};

bool Connection::Statement::fits(std::span<const Param> given,
                                 std::span<const bool> is_text) const {
  return std::equal(params.begin(), params.end(), given.begin(), given.end(),
                    [](const Slot& s, const Param& p) { return s.is_text == p.is_text(); }) &&
         std::equal(columns.begin(), columns.end(), is_text.begin(), is_text.end(),
                    [](const Slot& s, bool text) { return s.is_text == text; });
}

namespace {

/// The row that SOCI has just fetched into a statement's column slots.
class SlotRow final : public Row {
 public:
  explicit SlotRow(const std::deque<Slot>& columns) : columns_(columns) {}
  bool is_null(std::size_t column) const override {
    return columns_[column].indicator == soci::i_null;
  }
  std::int64_t integer(std::size_t column) const override {
    return is_null(column) ? 0 : columns_[column].integer;
  }
  const std::string& text(std::size_t column) const override {
    static const std::string kEmpty;
    return is_null(column) ? kEmpty : columns_[column].text;
  }

 private:
  const std::deque<Slot>& columns_;
};

void assign(std::deque<Slot>& slots, std::span<const Param> params) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    slots[i].indicator = params[i].is_null() ? soci::i_null : soci::i_ok;
    if (params[i].is_text()) {
      slots[i].text = params[i].text();
    } else {
      slots[i].integer = params[i].integer();
    }
  }
}

}  // namespace

Connection::Connection(const ConnectionOptions& options) : session_(std::make_unique<Session>()) {
  try {
    session_->soci.open(soci::sqlite3, connect_string(options));
  } catch (const soci::soci_error& error) {
    throw_open_error(options, error.what());
  }
  session_->handle = handle_of(session_->soci);
  sqlite3_extended_result_codes(session_->handle, 1);
  // SQLite opens what it may not write all the same, and says so at the first write.
  if (!options.read_only && sqlite3_db_readonly(session_->handle, "main") == 1) {
    throw_open_error(options, "it may not be written");
  }
}

// Statements refer to the session, so they go first.
Connection::~Connection() { statements_.clear(); }

void Connection::run_script(std::string_view sql) {
  char* message = nullptr;
  const int code =
      sqlite3_exec(session_->handle, std::string{sql}.c_str(), nullptr, nullptr, &message);
  sqlite3_free(message);
  if (code != SQLITE_OK) rethrow(sql);
}

void Connection::checkpoint_after(int pages) {
  session_->checkpoint_pages = pages;
  sqlite3_wal_hook(session_->handle, checkpoint_when_long, &session_->checkpoint_pages);
}

bool Connection::in_autocommit() const { return sqlite3_get_autocommit(session_->handle) != 0; }

Connection::Statement& Connection::prepared(std::string_view sql, std::span<const Param> params,
                                            std::span<const bool> is_text) {
  const auto [first, last] = statements_.equal_range(sql);
  for (auto known = first; known != last; ++known) {
    if (known->second->fits(params, is_text)) return *known->second;
  }
  auto statement = std::make_unique<Statement>(session_->soci);
  statement->soci.alloc();
  for (const Param& param : params) {
    Slot& slot = statement->params.emplace_back();
    slot.is_text = param.is_text();
    if (slot.is_text) {
      statement->soci.exchange(soci::use(slot.text, slot.indicator));
    } else {
      statement->soci.exchange(soci::use(slot.integer, slot.indicator));
    }
  }
  for (const bool text : is_text) {
    Slot& slot = statement->columns.emplace_back();
    slot.is_text = text;
    if (text) {
      statement->soci.exchange(soci::into(slot.text, slot.indicator));
    } else {
      statement->soci.exchange(soci::into(slot.integer, slot.indicator));
    }
  }
  statement->soci.prepare(std::string{sql});
  statement->soci.define_and_bind();
  return *statements_.emplace(std::string{sql}, std::move(statement))->second;
}

std::int64_t Connection::run(std::string_view sql, std::span<const Param> params) {
  try {
    Statement& statement = prepared(sql, params, {});
    assign(statement.params, params);
    statement.soci.execute(true);
    return statement.soci.get_affected_rows();
  } catch (const soci::soci_error&) {
    rethrow(sql);
  }
}

void Connection::select(std::string_view sql, std::span<const Param> params,
                        std::span<const bool> is_text, bool (*on_row)(void*, const Row&),
                        void* context) {
  Statement* statement = nullptr;
  try {
    statement = &prepared(sql, params, is_text);
    assign(statement->params, params);
    const SlotRow row{statement->columns};
    for (bool more = statement->soci.execute(true); more; more = statement->soci.fetch()) {
      if (!on_row(context, row)) return statement->reset();
    }
  } catch (const soci::soci_error&) {
    rethrow(sql);
  } catch (...) {  // Of on_row. A statement that is left in the middle would hold its snapshot.
    statement->reset();
    throw;
  }
}

/// Turns what SQLite last said on this connection into an Error, or ends the process.
void Connection::rethrow(std::string_view sql) const {
  const int extended = sqlite3_extended_errcode(session_->handle);
  const std::string reason = sqlite3_errmsg(session_->handle);
  if (is_failed_sync(extended)) stop_process("the disk failed to sync: " + reason);
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT:
      throw Error(ErrorCode::conflict, reason);
    case SQLITE_FULL:
      throw Error(ErrorCode::unavailable, "the disk is full", "disk_full");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(ErrorCode::unavailable, "the database is in use by another process");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
      throw Error(ErrorCode::unavailable, reason);
    default:
      throw Error(ErrorCode::corrupt, reason + " (in: " + std::string{sql} + ")");
  }
}

}  // namespace ticketing::storage
