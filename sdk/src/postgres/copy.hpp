#pragma once
// COPY, in PostgreSQL's text format: a line a row, its columns separated by tabs, NULL as `\N`.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.hpp"

namespace ticketing::postgres {

/// Identifiers, as a statement lists them.
std::string list_of(const std::vector<std::string>& names);

/// Sends `lines` with `copy`, a COPY … FROM STDIN.
void copy_in(PostgresConnection& connection, const std::string& copy, std::string_view lines);

/// Calls `visit` with each line, its end included, that `copy` yields, a COPY … TO STDOUT. When it
/// throws, the connection can only be closed.
void copy_out(PostgresConnection& connection, const std::string& copy,
              const std::function<void(std::string_view line)>& visit);

/// Values as PostgreSQL itself writes them, byte for byte: lines can be compared.
void append_null(std::string& line);
void append_integer(std::string& line, std::int64_t value);
/// Requires: no U+0000.
void append_text(std::string& line, std::string_view value);

}  // namespace ticketing::postgres
