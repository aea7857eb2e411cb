#pragma once
// The database that is a file of SQLite's: one connection writes, a few read.

#include "ticketing/storage/database.hpp"

namespace ticketing::storage {

std::unique_ptr<Database> open_sqlite(const DatabaseOptions& options,
                                      std::span<const Migrations> migrations);

}  // namespace ticketing::storage
