#include "support/postgres_server.hpp"

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <vector>

#include "support/eventually.hpp"
#include "ticketing/postgres/postgres.hpp"

namespace ticketing::test {

namespace {

using namespace std::chrono_literals;

/// Debian has each version's programs in a folder of its own.
std::string newest_programs() {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{"/usr/lib/postgresql", none}) {
    if (std::filesystem::exists(entry.path() / "bin" / "postgres")) {
      found.push_back((entry.path() / "bin").string());
    }
  }
  if (found.empty()) {
    throw std::runtime_error("PostgreSQL is missing; run tools/install_dependencies servers");
  }
  return *std::max_element(found.begin(), found.end());
}

/// PostgreSQL does not run as root.
std::optional<uid_t> user() {
  if (::geteuid() != 0) return std::nullopt;
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* entry = ::getpwnam(name)) return entry->pw_uid;
  }
  return std::nullopt;
}

std::vector<pid_t> children_of(pid_t process) {
  std::ifstream file{"/proc/" + std::to_string(process) + "/task/" + std::to_string(process) +
                     "/children"};
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

}  // namespace

PostgresServer::PostgresServer() : programs_(newest_programs()) {
  if (user() && ::chown(folder_.path().c_str(), *user(), *user()) != 0) {
    throw std::runtime_error("cannot give " + folder_.path() + " away");
  }
  const Outcome made =
      run_to_end({programs_ + "/initdb",
                  {"--pgdata=" + folder_.file("data"), "--username=postgres", "--auth=trust",
                   "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"},
                  {},
                  user()},
                 60s);
  if (made.status != 0) throw std::runtime_error("initdb: " + made.out + made.err);
  start();
}

PostgresServer::~PostgresServer() { kill(); }

void PostgresServer::start() {
  const auto run = [this] {
    process_ = std::make_unique<Process>(
        Command{programs_ + "/postgres",
                {"-D", folder_.file("data"), "-k", folder_.path(), "-c", "listen_addresses=", "-c",
                 "max_connections=200", "-c", "shared_buffers=64MB"},
                {},
                user()});
  };
  run();
  // After a kill, what it has left behind is in the way for a moment.
  const bool up = eventually(
      [&] {
        if (!process_->running()) run();
        return answers();
      },
      30s);
  if (!up) throw std::runtime_error("PostgreSQL does not start: " + process_->err());
}

bool PostgresServer::answers() const { return PQping(url().c_str()) == PQPING_OK; }

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql:///" + database + "?user=postgres&host=" + folder_.path();
}

std::string PostgresServer::create_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  query("CREATE DATABASE " + name);
  // What tests ask of stored events, as SQLite has it.
  query(
      "CREATE FUNCTION json_extract(document text, path text) RETURNS text LANGUAGE sql IMMUTABLE"
      " AS $$ SELECT jsonb_path_query_first(document::jsonb, path::jsonpath) #>> '{}' $$",
      name);
  return url(name);
}

std::string PostgresServer::copy_database(const std::string& of) {
  const std::string copy = "test_" + std::to_string(++databases_);
  query("CREATE DATABASE " + copy + " TEMPLATE " + database_of(of));
  return url(copy);
}

void PostgresServer::drop_database(const std::string& url) {
  query("DROP DATABASE " + database_of(url) + " WITH (FORCE)");
}

std::string PostgresServer::database_of(const std::string& url) {
  const std::size_t from = url.find("///") + 3;
  return url.substr(from, url.find('?') - from);
}

std::string PostgresServer::query(const std::string& sql, const std::string& database) const {
  PGconn* const connection = PQconnectdb(url(database).c_str());
  PGresult* const result = PQexec(connection, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  const std::string trouble = PQerrorMessage(connection);
  std::string value;
  if (PQntuples(result) > 0) value = PQgetvalue(result, 0, 0);
  PQclear(result);
  PQfinish(connection);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(trouble);
  return value;
}

void PostgresServer::kill() {
  if (!process_ || !process_->running()) return;
  // Only the server knows them, and once it is gone they are nobody's children.
  const std::vector<pid_t> children = children_of(process_->pid());
  process_->kill();
  for (const pid_t child : children) ::kill(child, SIGKILL);
}

void PostgresServer::stop() {
  process_->send_signal(SIGINT);
  process_->wait(30s);
}

PostgresServer& postgres_server() {
  static PostgresServer server;
  return server;
}

bool tests_use_postgres() {
  static const bool use = [] {
    const char* engine = std::getenv("TICKETING_TEST_DATABASE");
    if (engine == nullptr || std::string_view{engine}.empty()) return false;
    if (std::string_view{engine} != "postgresql") {
      throw std::runtime_error("TICKETING_TEST_DATABASE is neither unset nor postgresql");
    }
    use_postgres();
    return true;
  }();
  return use;
}

}  // namespace ticketing::test
