#pragma once
// Databases: the five services' databases side by side, read-only, under the services' names, so
// that one query can compare what two services hold: `select … from orders.orders …`. Files, or
// schemas of one database: the same queries do for both.
//
// Opened while the services run it sees a snapshot of each, of about the same moment. One thread.

#include <map>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct pg_conn;

namespace ticketing::test {

class Marketplace;

class Databases {
 public:
  explicit Databases(const Marketplace& market);
  /// The files at these paths, under these names.
  explicit Databases(const std::map<std::string, std::string>& paths);
  ~Databases();
  Databases(const Databases&) = delete;
  Databases& operator=(const Databases&) = delete;

  /// Each row as text, its columns separated by blanks. Throws when the query fails.
  std::vector<std::string> rows(const std::string& sql) const;
  /// The first column of the only row.
  std::int64_t number(const std::string& sql) const;

 private:
  sqlite3* handle_ = nullptr;
  pg_conn* server_ = nullptr;  ///< In place of files, where the services have none.
};

/// Changes the database file at `path`, which nobody has open.
void execute(const std::string& path, const std::string& sql);

/// The rows one below the other, for messages of tests.
std::string lines(const std::vector<std::string>& rows);

}  // namespace ticketing::test
