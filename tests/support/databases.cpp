#include "support/databases.hpp"

#include <libpq-fe.h>
#include <sqlite3.h>

#include <stdexcept>

#include "support/marketplace.hpp"

namespace ticketing::test {

namespace {

constexpr int kPatienceMs = 10'000;  ///< How long one waits for the service to let go.

std::map<std::string, std::string> paths_of(const Marketplace& market) {
  std::map<std::string, std::string> paths;
  for (const std::string& service : kServices) paths[service] = market.database_of(service);
  return paths;
}

std::vector<std::string> rows_of(PGconn* server, const std::string& sql) {
  PGresult* const result = PQexec(server, sql.c_str());
  std::vector<std::string> found;
  for (int row = 0; row < PQntuples(result); ++row) {
    std::string text;
    for (int column = 0; column < PQnfields(result); ++column) {
      if (column > 0) text += ' ';
      text += PQgetisnull(result, row, column) ? "null" : PQgetvalue(result, row, column);
    }
    found.push_back(std::move(text));
  }
  const ExecStatusType status = PQresultStatus(result);
  PQclear(result);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return found;
  throw std::runtime_error(PQerrorMessage(server) + (" in " + sql));
}

}  // namespace

Databases::Databases(const Marketplace& market)
    : Databases(market.database() == "sqlite:" ? paths_of(market)
                                               : std::map<std::string, std::string>{}) {
  if (market.database() == "sqlite:") return;
  server_ = PQconnectdb(market.database().c_str());
  rows("set default_transaction_isolation = 'repeatable read'");
}

Databases::Databases(const std::map<std::string, std::string>& paths) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI;
  if (sqlite3_open_v2(":memory:", &handle_, flags, nullptr) != SQLITE_OK) {
    throw std::runtime_error("cannot open a database in memory");
  }
  sqlite3_busy_timeout(handle_, kPatienceMs);
  for (const auto& [name, path] : paths) rows("attach 'file:" + path + "?mode=ro' as " + name);
}

Databases::~Databases() {
  sqlite3_close(handle_);
  PQfinish(server_);
}

std::vector<std::string> Databases::rows(const std::string& sql) const {
  if (server_ != nullptr) return rows_of(server_, sql);
  std::vector<std::string> found;
  const auto add_row = [](void* to, int columns, char** values, char**) {
    std::string row;
    for (int i = 0; i < columns; ++i) {
      row += std::string{i == 0 ? "" : " "} + (values[i] == nullptr ? "null" : values[i]);
    }
    static_cast<std::vector<std::string>*>(to)->push_back(std::move(row));
    return 0;
  };
  char* message = nullptr;
  if (sqlite3_exec(handle_, sql.c_str(), add_row, &found, &message) != SQLITE_OK) {
    const std::string reason = message == nullptr ? "?" : message;
    sqlite3_free(message);
    throw std::runtime_error(reason + " in " + sql);
  }
  return found;
}

std::int64_t Databases::number(const std::string& sql) const {
  const auto found = rows(sql);
  if (found.size() != 1) throw std::runtime_error("not one row: " + sql);
  return std::stoll(found.front());
}

void execute(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  sqlite3_busy_timeout(handle, kPatienceMs);
  const int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
  const std::string reason = sqlite3_errmsg(handle);
  sqlite3_close(handle);
  if (code != SQLITE_OK) throw std::runtime_error(reason + " in " + sql);
}

std::string lines(const std::vector<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += row + '\n';
  return text;
}

}  // namespace ticketing::test
