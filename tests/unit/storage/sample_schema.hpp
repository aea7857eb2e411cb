#pragma once
// A table with a column of every kind, and another with a unique name.

#include <array>
#include <string_view>

#include "ticketing/storage/database.hpp"

namespace ticketing::test {

inline constexpr std::array<std::string_view, 1> kSampleSteps{
    "CREATE TABLE item (id INTEGER UNIQUE, name TEXT UNIQUE, amount INTEGER, at INTEGER);"
    "CREATE TABLE note (text TEXT NOT NULL)"};

inline Migrations sample_migrations() { return {"sample", kSampleSteps}; }

inline void add_item(Transaction& tx, std::string_view name) {
  tx.execute("INSERT INTO item (name) VALUES (:name)", name);
}

inline constexpr std::string_view kCountItems = "SELECT count(*) FROM item";

}  // namespace ticketing::test
