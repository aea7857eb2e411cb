#pragma once
// Brings a database's tables up to date, one component at a time, each step in one transaction.

#include <span>

#include "storage/connection.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::storage {

/// Throws Error(corrupt) when the database was written by a newer version of a component.
void migrate(Connection& connection, std::span<const Migrations> migrations);

}  // namespace ticketing::storage
