#include "postgres/copy.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

namespace ticketing::postgres {

namespace {

constexpr std::size_t kPieceBytes =
    256 * 1024;  ///< libpq keeps what it was given until it is sent.

/// Throws unless the server has begun to copy.
void begin(PostgresConnection& connection, const std::string& copy, ExecStatusType expected) {
  PGresult* const result = PQexec(connection.handle(), copy.c_str());
  if (PQresultStatus(result) != expected) throw connection.failure(result, copy);
  PQclear(result);
}

/// Throws when the server says that it has failed.
void end(PostgresConnection& connection, const std::string& copy) {
  std::optional<Error> failure;
  while (PGresult* const result = PQgetResult(connection.handle())) {
    if (PQresultStatus(result) == PGRES_COMMAND_OK || failure) {
      PQclear(result);
    } else {
      failure = connection.failure(result, copy);
    }
  }
  if (failure) throw *failure;
  if (!connection.is_alive()) throw connection.rolled_back();
}

/// Behind the backslash; 0: it stands for itself.
char escape_of(char c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    case '\\':
      return '\\';
    default:
      return 0;
  }
}

}  // namespace

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : ", ") + postgres::quoted(name, '"');
  return list;
}

void copy_in(PostgresConnection& connection, const std::string& copy, std::string_view lines) {
  begin(connection, copy, PGRES_COPY_IN);
  PGconn* const handle = connection.handle();
  while (!lines.empty()) {
    const std::string_view piece = lines.substr(0, kPieceBytes);
    if (PQputCopyData(handle, piece.data(), static_cast<int>(piece.size())) != 1) {
      throw connection.rolled_back();
    }
    lines.remove_prefix(piece.size());
  }
  if (PQputCopyEnd(handle, nullptr) != 1) throw connection.rolled_back();
  end(connection, copy);
}

void copy_out(PostgresConnection& connection, const std::string& copy,
              const std::function<void(std::string_view line)>& visit) {
  begin(connection, copy, PGRES_COPY_OUT);
  while (true) {
    char* bytes = nullptr;
    const int length = PQgetCopyData(connection.handle(), &bytes, 0);
    const std::unique_ptr<char, decltype(&PQfreemem)> line{bytes, &PQfreemem};
    if (length < 0) break;  // The end, or a failure, which end() tells.
    visit({line.get(), static_cast<std::size_t>(length)});
  }
  end(connection, copy);
}

void append_null(std::string& line) { line += "\\N"; }

void append_integer(std::string& line, std::int64_t value) {
  char digits[24];
  line.append(digits, std::to_chars(std::begin(digits), std::end(digits), value).ptr);
}

void append_text(std::string& line, std::string_view value) {
  for (const char c : value) {
    const char escape = escape_of(c);
    if (escape != 0) line += '\\';
    line += escape != 0 ? escape : c;
  }
}

}  // namespace ticketing::postgres
