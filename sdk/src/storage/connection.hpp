#pragma once
// Connection: one SOCI session with its cache of prepared statements; what engines share. Only
// this folder and sdk/src/postgres name SOCI, SQLite or libpq. Belongs to one thread at a time.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ticketing/core/error.hpp"
#include "ticketing/storage/transaction.hpp"

namespace soci {
class session;
class statement;
}  // namespace soci

namespace ticketing::storage {

class Connection : public Transaction {
 public:
  ~Connection() override;

  /// Runs SQL that takes nothing and yields nothing, several statements at once, unprepared.
  virtual void run_script(std::string_view sql) = 0;
  /// Begins a transaction that may write; until its end nobody else writes to this database.
  virtual void begin_write() = 0;
  /// False when none was begun, or the engine has rolled it back by itself.
  virtual bool in_transaction() const = 0;
  /// What to say when the engine has rolled a transaction back by itself.
  virtual Error rolled_back() const = 0;
  /// A statement has failed since the last savepoint that was rolled back to: no engine promises
  /// more than that one can still roll back.
  bool has_failed() const { return has_failed_; }

 protected:
  /// Takes an open session.
  explicit Connection(std::unique_ptr<soci::session> session);

  std::int64_t run(std::string_view sql, std::span<const Param> params) override;
  void select(std::string_view sql, std::span<const Param> params, std::span<const bool> is_text,
              bool (*on_row)(void*, const Row&), void* context) override;

  soci::session& session() const { return *session_; }
  /// Called while a soci_error is handled: what it means. Ends the process if it must.
  virtual Error meaning(std::string_view sql) const = 0;
  /// What comes is another transaction.
  void forget_failure() { has_failed_ = false; }
  /// Ends a query before its last row.
  virtual void reset(soci::statement& statement) const = 0;

 private:
  struct Statement;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  Statement& prepared(std::string_view sql, std::span<const Param> params,
                      std::span<const bool> is_text);

  /// Throws when it may not be run any more.
  void check_may_run(std::string_view sql);

  std::unique_ptr<soci::session> session_;
  bool has_failed_ = false;
  /// By text; one text has several when it is used with several types.
  std::unordered_multimap<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>>
      statements_;
};

}  // namespace ticketing::storage
