#pragma once
// PostgresConnection: a Connection to one schema of a PostgreSQL database.

#include "storage/connection.hpp"
#include "ticketing/storage/database.hpp"

struct pg_conn;
struct pg_result;

namespace ticketing::postgres {

/// Words of errors that are about the database, not about what a job did.
inline constexpr const char* kLost = kDatabaseLost;
inline constexpr const char* kAgain = "database_again";  ///< A deadlock: run it again.

/// What a session claims of its schema, for as long as it lasts.
enum class Claim {
  none,
  shared,     ///< Refused while another session has it for itself alone …
  exclusive,  ///< … and this one while any other has a claim.
};

struct ConnectionOptions {
  std::string url;
  std::string schema;
  Claim claim = Claim::none;
  std::string writer = {};  ///< Whose commits are counted; empty: nobody's.
};

/// Parts of the URL that say where the database is; nothing secret. Throws Error(invalid).
std::string place_of(const std::string& url);

/// As an identifier (`"`), or as text (`'`).
std::string quoted(std::string_view text, char quote);

class PostgresConnection final : public storage::Connection {
 public:
  /// Throws Error(unavailable) when there is none to be had.
  explicit PostgresConnection(const ConnectionOptions& options);
  ~PostgresConnection() override;

  /// In SQLite's dialect.
  void run_script(std::string_view sql) override;
  /// Waits for its turn among the writers of this schema, and counts the commit that is to come.
  /// Ends the process when another one has served the schema since this one was its writer.
  void begin_write() override;
  /// Waits for its turn only.
  void begin_alone();
  /// Ends what begin_write() or begin_alone() began.
  void commit();
  bool in_transaction() const override;
  Error rolled_back() const override;

  /// Begins a transaction that sees one snapshot and writes nothing.
  void begin_read();
  /// The number that begin_write() has given to the commit.
  std::int64_t commit_number() const { return commit_number_; }
  /// False once the server has gone.
  bool is_alive() const;
  /// For COPY, which is no statement like others.
  pg_conn* handle() const;
  /// What `result`, which is freed, says that went wrong.
  Error failure(pg_result* result, std::string_view sql) const;

 private:
  std::int64_t run(std::string_view sql, std::span<const Param> params) override;
  void select(std::string_view sql, std::span<const Param> params, std::span<const bool> is_text,
              bool (*on_row)(void*, const Row&), void* context) override;
  Error meaning(std::string_view sql) const override;
  void reset(soci::statement&) const override {}  // Its rows are here already.

  void take_schema(const ConnectionOptions& options);

  const std::string place_;
  const std::string begin_;
  const std::string count_;
  std::int64_t commit_number_ = 0;
};

}  // namespace ticketing::postgres
