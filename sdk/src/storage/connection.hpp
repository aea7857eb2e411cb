#pragma once
// Connection: one SOCI session with its cache of prepared statements. The only place, with its
// .cpp, that names SOCI or SQLite. Belongs to one thread at a time.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ticketing/storage/transaction.hpp"

namespace ticketing::storage {

struct ConnectionOptions {
  std::string path;
  std::string vfs;
  bool read_only = false;
};

class Connection final : public Transaction {
 public:
  explicit Connection(const ConnectionOptions& options);
  ~Connection() override;

  /// Runs SQL that takes nothing and yields nothing, several statements at once, unprepared.
  void run_script(std::string_view sql);
  /// From now on copies the write-ahead log into the database once it has that many pages.
  void checkpoint_after(int pages);
  /// True when no transaction is open: after some errors SQLite has rolled back by itself.
  bool in_autocommit() const;

 protected:
  std::int64_t run(std::string_view sql, std::span<const Param> params) override;
  void select(std::string_view sql, std::span<const Param> params, std::span<const bool> is_text,
              bool (*on_row)(void*, const Row&), void* context) override;

 private:
  struct Session;
  struct Statement;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  Statement& prepared(std::string_view sql, std::span<const Param> params,
                      std::span<const bool> is_text);
  [[noreturn]] void rethrow(std::string_view sql) const;

  std::unique_ptr<Session> session_;
  /// By text; one text has several when it is used with several types.
  std::unordered_multimap<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>>
      statements_;
};

}  // namespace ticketing::storage
