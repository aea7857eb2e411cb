#pragma once
// PostgresServer: a server of PostgreSQL's own, with its data in a folder of its own, that listens
// on a socket in that folder alone. Gone with this. One thread, but for url().

#include <memory>
#include <string>

#include "support/process.hpp"
#include "support/temp_folder.hpp"

namespace ticketing::test {

class PostgresServer {
 public:
  /// Makes the data folder and starts the server; on return it answers.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// Of `database`, which is there or is made with create_database().
  std::string url(const std::string& database = "postgres") const;
  /// A new, empty one; returns its URL.
  std::string create_database();
  /// A copy of what a URL of create_database() leads to, which nobody has open.
  std::string copy_database(const std::string& url);
  void drop_database(const std::string& url);
  /// Its name on the server.
  static std::string database_of(const std::string& url);
  /// Runs SQL as the superuser; returns the first column of the first row, if any.
  std::string query(const std::string& sql, const std::string& database = "postgres") const;

  /// One of PostgreSQL's own, as pgbench.
  std::string program(const std::string& name) const { return programs_ + "/" + name; }

  /// kill -9 of the server, and of what it has started, as of a machine that stops.
  void kill();
  /// Ends all connections and stops, in order.
  void stop();
  /// Starts it again; on return it answers.
  void start();

 private:
  bool answers() const;

  TempFolder folder_{fast_folder()};
  std::string programs_;
  std::unique_ptr<Process> process_;
  int databases_ = 0;
};

/// That of this program, started when it is first asked for.
PostgresServer& postgres_server();

/// The engine that the tests of this program run on: TICKETING_TEST_DATABASE is `postgresql` or
/// unset.
bool tests_use_postgres();

}  // namespace ticketing::test
