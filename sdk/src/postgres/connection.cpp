#include "postgres/connection.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <algorithm>
#include <map>

#include "postgres/dialect.hpp"

namespace ticketing::postgres {

namespace {

/// Where the URL does not say otherwise. A server that has vanished without a word is noticed
/// within seconds, on this side and, so that it lets go of a dead writer's lock, on its own.
const std::map<std::string, std::string> kDefaults{
    {"connect_timeout", "3"},
    {"keepalives_idle", "2"},
    {"keepalives_interval", "1"},
    {"keepalives_count", "2"},
    {"tcp_user_timeout", "4000"},
    {"application_name", "ticketing"},
    {"target_session_attrs", "read-write"},
};

/// How long a new process waits for one that has just ended to be gone on the server, too.
constexpr std::string_view kTakeOver = "SET lock_timeout = '1s'";
constexpr std::string_view kSession =
    "SET synchronous_commit = on;"
    "SET default_transaction_isolation = 'read committed';"
    // A table that is locked from outside must not hold the writer up for ever.
    "SET lock_timeout = '5s';"
    "SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 2;"
    "SET tcp_user_timeout = 4000;";

// SOCI does not export the type information that the sanitizer wants for a downcast.
__attribute__((no_sanitize("vptr"))) PGconn* handle_of(soci::session& session) {
  return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

struct Result {
  PGresult* handle;
  ~Result() { PQclear(handle); }
  bool ok() const {
    const ExecStatusType status = PQresultStatus(handle);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  }
  std::string state() const {
    const char* state = PQresultErrorField(handle, PG_DIAG_SQLSTATE);
    return state == nullptr ? std::string{} : state;
  }
  std::string reason() const {
    const char* text = PQresultErrorField(handle, PG_DIAG_MESSAGE_PRIMARY);
    return text == nullptr ? std::string{} : text;
  }
};

using Parameters = std::map<std::string, std::string>;

Error unreadable() {
  return {
      ErrorCode::invalid,
      "the database URL cannot be read; write postgresql://USER@HOST:5432/DATABASE, with what is"
      " not a letter or a digit in a name or password as %XX",
      "url"};
}

Parameters parse(const std::string& url) {
  char* reason = nullptr;
  PQconninfoOption* const parsed = PQconninfoParse(url.c_str(), &reason);
  PQfreemem(reason);  // It quotes the URL, and that may hold a password.
  if (parsed == nullptr) throw unreadable();
  Parameters parameters = kDefaults;
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parameters[option->keyword] = option->val;
  }
  PQconninfoFree(parsed);
  parameters["client_encoding"] = "UTF8";
  const auto has = [&](const char* name, const char* characters) {
    const auto found = parameters.find(name);
    return found != parameters.end() &&
           found->second.find_first_of(characters) != std::string::npos;
  };
  const auto port = parameters.find("port");
  const bool odd_port = port != parameters.end() &&
                        port->second.find_first_not_of("0123456789,") != std::string::npos;
  // A password with an unescaped / ends up as a part of the database's name.
  if (odd_port || has("dbname", "@") || has("host", "@")) throw unreadable();
  return parameters;
}

std::string connect_string(const std::string& url) {
  std::string text;
  for (const auto& [name, value] : parse(url)) {
    text += name + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += "' ";
  }
  return text;
}

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text;
}

std::unique_ptr<soci::session> open(const std::string& url) {
  try {
    return std::make_unique<soci::session>(soci::postgresql, connect_string(url));
  } catch (const soci::soci_error& error) {
    throw Error(
        ErrorCode::unavailable,
        "cannot reach the database " + place_of(url) + ": " + one_line(error.get_error_message()),
        kLost);
  }
}

/// By its state (PostgreSQL's documentation, appendix A).
Error error_of(std::string_view state, const std::string& reason, std::string_view sql) {
  const auto is_class = [&](std::string_view name) { return state.starts_with(name); };
  if (state == "25P03" || is_class("57P") || is_class("08")) {
    return {ErrorCode::unavailable, reason, kLost};
  }
  // Said by libpq itself; or about statements that the server has forgotten, or must be told anew.
  if (state.find_first_not_of(" ") == std::string_view::npos || state == "26000" ||
      state == "0A000") {
    return {ErrorCode::unavailable, reason, kLost};
  }
  if (state == "40001" || state == "40P01") return {ErrorCode::unavailable, reason, kAgain};
  if (is_class("23")) return {ErrorCode::conflict, reason};
  if (is_class("22") || is_class("54")) return {ErrorCode::invalid, reason};
  if (state == "53100") return {ErrorCode::unavailable, "the database's disk is full", "disk_full"};
  // Limits, timeouts, rights, a standby that may not be written, failing files.
  for (const std::string_view passing : {"53", "55", "57", "58", "42501", "25006"}) {
    if (is_class(passing)) return {ErrorCode::unavailable, reason, kLost};
  }
  return {ErrorCode::corrupt, reason + " (in: " + std::string{sql} + ")"};
}

}  // namespace

std::string quoted(std::string_view text, char quote) {
  std::string out{quote};
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

std::string place_of(const std::string& url) {
  const Parameters parameters = parse(url);
  const auto value = [&](const char* name, const char* otherwise) {
    const auto found = parameters.find(name);
    return found == parameters.end() || found->second.empty() ? otherwise : found->second;
  };
  return value("dbname", "postgres") + " at " + value("host", "localhost") + ":" +
         value("port", "5432");
}

PostgresConnection::PostgresConnection(const ConnectionOptions& options)
    : Connection(open(options.url)),
      place_(place_of(options.url)),
      // Whoever stands still in the middle of a commit keeps all others waiting.
      begin_(
          "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '4s';"
          " SELECT pg_advisory_xact_lock(hashtextextended(" +
          quoted("ticketing " + options.schema, '\'') + ", 0))"),
      count_(options.writer.empty()
                 ? std::string{}
                 : "; UPDATE ticketing_writers SET commits = commits + 1, at = now()"
                   " WHERE may_write AND id = " +
                       quoted(options.writer, '\'') + " RETURNING commits") {
  PGconn* const handle = handle_of(session());
  // Details hold values, and values may be secrets.
  PQsetErrorVerbosity(handle, PQERRORS_TERSE);
  PQsetNoticeProcessor(
      handle, [](void*, const char*) {}, nullptr);
  const char* const known = PQparameterStatus(handle, "server_encoding");
  const std::string encoding = known == nullptr ? "?" : known;
  if (encoding != "UTF8") {
    throw Error(ErrorCode::unavailable, "the database " + place_ + " has the encoding " + encoding +
                                            "; create one with ENCODING 'UTF8'");
  }
  run_script(std::string{kSession} + "SET search_path = " + quoted(options.schema, '"'));
  if (options.claim != Claim::none) take_schema(options);
}

/// Held by this session until its end, however that comes. Since it is the session that writes,
/// nobody who has lost it can write any more.
void PostgresConnection::take_schema(const ConnectionOptions& options) {
  const std::string lock = options.claim == Claim::shared ? "_shared" : "";
  const std::string take = "SELECT pg_advisory_lock" + lock + "(hashtextextended(" +
                           quoted("ticketing owner of " + options.schema, '\'') + ", 0))";
  run_script(kTakeOver);
  try {
    run_script(take);
  } catch (const Error&) {
    if (!is_alive()) throw;
    throw Error(
        ErrorCode::unavailable,
        "another process serves the schema \"" + options.schema + "\" of the database " + place_,
        kLost);
  }
  run_script(kSession);
}

PostgresConnection::~PostgresConnection() = default;

void PostgresConnection::run_script(std::string_view sql) {
  const Result result{PQexec(handle_of(session()), from_sqlite(sql).c_str())};
  if (result.ok()) return;
  if (!is_alive()) throw rolled_back();
  throw error_of(result.state(), result.reason(), sql);
}

void PostgresConnection::begin_write() {
  forget_failure();
  const Result result{PQexec(handle_of(session()), (begin_ + count_).c_str())};
  if (!is_alive()) throw rolled_back();
  if (!result.ok()) throw error_of(result.state(), result.reason(), begin_ + count_);
  if (count_.empty()) return;
  if (PQntuples(result.handle) != 1) {
    stop_process("another process has served the database " + place_ + " meanwhile");
    throw rolled_back();
  }
  commit_number_ = std::stoll(PQgetvalue(result.handle, 0, 0));
}

void PostgresConnection::begin_alone() {
  forget_failure();
  run_script(begin_);
}

void PostgresConnection::commit() {
  const Result result{PQexec(handle_of(session()), "COMMIT")};
  if (!is_alive()) throw rolled_back();
  if (!result.ok()) throw error_of(result.state(), result.reason(), "COMMIT");
  // What has failed before is rolled back by it, without an error.
  if (std::string_view{PQcmdStatus(result.handle)} != "COMMIT") {
    throw Error(ErrorCode::unavailable, "the transaction had failed before its commit", kLost);
  }
}

void PostgresConnection::begin_read() {
  forget_failure();
  run_script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

bool PostgresConnection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(handle_of(session()));
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool PostgresConnection::is_alive() const {
  return PQstatus(handle_of(session())) == CONNECTION_OK;
}

pg_conn* PostgresConnection::handle() const { return handle_of(session()); }

Error PostgresConnection::failure(pg_result* result, std::string_view sql) const {
  const Result failed{result};
  return is_alive() ? error_of(failed.state(), failed.reason(), sql) : rolled_back();
}

Error PostgresConnection::rolled_back() const {
  return {ErrorCode::unavailable, "the connection to the database " + place_ + " was lost", kLost};
}

namespace {

/// PostgreSQL's text ends at the first NUL, and would do so without a word.
void check_text(std::span<const Param> params) {
  for (const Param& param : params) {
    if (param.is_text() && param.text().find('\0') != std::string_view::npos) {
      throw Error(ErrorCode::invalid, "text may not hold the character U+0000");
    }
  }
}

}  // namespace

std::int64_t PostgresConnection::run(std::string_view sql, std::span<const Param> params) {
  check_text(params);
  return Connection::run(sql, params);
}

void PostgresConnection::select(std::string_view sql, std::span<const Param> params,
                                std::span<const bool> is_text, bool (*on_row)(void*, const Row&),
                                void* context) {
  check_text(params);
  Connection::select(sql, params, is_text, on_row, context);
}

Error PostgresConnection::meaning(std::string_view sql) const {
  if (!is_alive()) return rolled_back();
  try {
    throw;
  } catch (const soci::postgresql_soci_error& error) {
    return error_of(error.sqlstate(), one_line(error.get_error_message()), sql);
  } catch (const soci::soci_error& error) {
    return {ErrorCode::corrupt,
            one_line(error.get_error_message()) + " (in: " + std::string{sql} + ")"};
  }
}

}  // namespace ticketing::postgres
