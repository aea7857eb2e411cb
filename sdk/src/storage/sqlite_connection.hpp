#pragma once
// SqliteConnection: a Connection to one SQLite file.

#include "storage/connection.hpp"

namespace ticketing::storage {

struct SqliteOptions {
  std::string path;
  std::string vfs;
  bool read_only = false;
};

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(const SqliteOptions& options);
  ~SqliteConnection() override;

  void run_script(std::string_view sql) override;
  void begin_write() override;
  bool in_transaction() const override;
  Error rolled_back() const override;
  /// From now on copies the write-ahead log into the database once it has that many pages.
  void checkpoint_after(int pages);

 private:
  Error meaning(std::string_view sql) const override;
  void reset(soci::statement& statement) const override;

  /// Stays where it is: SQLite keeps its address.
  std::unique_ptr<int> checkpoint_pages_;
};

}  // namespace ticketing::storage
