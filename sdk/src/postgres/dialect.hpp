#pragma once
// Migrations are written once, as SQLite reads them; this makes PostgreSQL read the same.

#include <string>
#include <string_view>

namespace ticketing::postgres {

/// INTEGER holds 64 bits in SQLite, and is BIGINT here; an INTEGER PRIMARY KEY that an INSERT
/// leaves out is counted up. WITHOUT ROWID is about storage alone. Whole words only, in any case,
/// and not inside of quotes.
std::string from_sqlite(std::string_view script);

}  // namespace ticketing::postgres
