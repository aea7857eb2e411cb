// Migrate: the services' SQLite files, to PostgreSQL.

#include "ticketing/postgres/migration.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "invocation.hpp"
#include "progress.hpp"
#include "ticketing/storage/database.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFailed = "migration";
constexpr std::string_view kInterrupted = "interrupted";
constexpr std::string_view kWrongUrl = "url";
constexpr std::size_t kHashShown = 16;
constexpr std::int64_t kBarWidth = 20;

constexpr std::array<std::string_view, 5> kMovedColumns{"service", "table", "rows", "sha256",
                                                        "verdict"};
constexpr std::array<std::string_view, 4> kPlannedColumns{"service", "table", "rows", "stored"};

// ---- what the command line says ----

struct MigrateOptions {
  fs::path folder;
  std::string database;
  std::vector<std::string> services;  ///< Empty: all that have a file.
  bool dry_run;
};

std::string database_in(const Arguments& arguments) {
  const std::string url = arguments.text("database");
  if (arguments.is_on_command_line("database") && holds_password(url)) {
    throw usage_error(
        "--database holds a password, and a command line is not secret; write the URL to the"
        " variable TICKETING_DATABASE, or the password to ~/.pgpass");
  }
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
    throw usage_error("--database names where to; write postgresql://USER@HOST:5432/DATABASE");
  }
  return url;
}

MigrateOptions parse_migrate(const Arguments& arguments) {
  const std::vector<std::string> services = arguments.list("service");
  for (const std::string& name : services) {
    if (name.find('/') != std::string::npos) {
      throw usage_error("--service: \"" + name + "\" is no service; write its name, as in tickets");
    }
  }
  return {arguments.text("data-dir"), database_in(arguments), services,
          arguments.is_set("dry-run")};
}

std::vector<std::string> services_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator{folder, none}) {
    if (entry.path().extension() == ".db") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  if (!names.empty()) return names;
  throw Error{ErrorCode::not_found,
              "no service has a file (*.db) in " + folder.string() +
                  "; name the data folder with --data-dir",
              std::string{kFailed}};
}

// ---- what is printed ----

struct MovedTable {
  std::string service;
  std::string table;
  std::int64_t rows = 0;
  std::string sha256;
  std::string verdict = "equal";  ///< Anything else is an error.
  static constexpr std::array kFields{
      field<&MovedTable::service>("service"), field<&MovedTable::table>("table"),
      field<&MovedTable::rows>("rows"), field<&MovedTable::sha256>("sha256"),
      field<&MovedTable::verdict>("verdict")};
};

struct PlannedLine {
  std::string service;
  std::string table;
  std::int64_t rows = 0;
  std::int64_t stored = 0;
  static constexpr std::array kFields{
      field<&PlannedLine::service>("service"), field<&PlannedLine::table>("table"),
      field<&PlannedLine::rows>("rows"), field<&PlannedLine::stored>("stored")};
};

std::string bar(std::int64_t done, std::int64_t of) {
  const std::int64_t filled = of == 0 ? kBarWidth : kBarWidth * done / of;
  std::string text(static_cast<std::size_t>(kBarWidth), ' ');
  std::fill_n(text.begin(), filled, '#');
  return '[' + text + ']';
}

std::string text_of(const MigrationProgress& progress, const std::string& service) {
  const std::int64_t percent =
      progress.rows_total == 0 ? 100 : 100 * progress.rows / progress.rows_total;
  const bool copies = progress.step == MigrationStep::copying;
  return service + ' ' + bar(progress.rows, progress.rows_total) + ' ' + std::to_string(percent) +
         " %, " + std::to_string(progress.rows) + " of " + std::to_string(progress.rows_total) +
         (copies ? " rows stored, " : " rows compared, ") + progress.table;
}

// ---- Ctrl-C ----

volatile std::sig_atomic_t interrupted = 0;

/// The second one ends the process at once, which costs no more than the chunk at hand.
void note_interrupt(int number) {
  interrupted = 1;
  std::signal(number, SIG_DFL);
}

/// While this lives, they end a migration behind a chunk.
class InterruptsNoted {
 public:
  InterruptsNoted() {
    interrupted = 0;
    for (const int number : kNumbers) std::signal(number, &note_interrupt);
  }
  ~InterruptsNoted() {
    for (const int number : kNumbers) std::signal(number, SIG_DFL);
  }
  InterruptsNoted(const InterruptsNoted&) = delete;
  InterruptsNoted& operator=(const InterruptsNoted&) = delete;

 private:
  static constexpr std::array kNumbers{SIGINT, SIGTERM};
};

void stop_if_interrupted(const MigrationProgress& progress, const std::string& service) {
  if (interrupted == 0) return;
  const bool copies = progress.step == MigrationStep::copying;
  throw Error{ErrorCode::invalid,
              "interrupted: " +
                  (copies ? std::to_string(progress.rows) + " rows of " + service + " are stored"
                          : "all rows of " + service + " are stored, and not yet compared") +
                  "; run the same command again, and it goes on there",
              std::string{kInterrupted}};
}

// ---- the work ----

/// Runs `work` for a service; what it throws says what to do next, so that nothing is added to it.
template <class F>
auto for_service(const std::string& service, F work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.word() == kInterrupted) throw;
    if (error.word() == kWrongUrl) throw usage_error(error.what());
    std::string message = service + ": " + error.what();
    if (error.word() == kDatabaseLost) message += "; run the same command again, and it goes on";
    throw Error{error.code(), message, std::string{kFailed}};
  }
}

MigrationOptions options_of(const MigrateOptions& options, const std::string& service) {
  return {(options.folder / (service + ".db")).string(), options.database, service};
}

/// For all services, before anything is moved: what one refuses shall stop the others, too.
std::vector<PlannedLine> plan(const MigrateOptions& options) {
  std::vector<PlannedLine> lines;
  for (const std::string& service : options.services) {
    const auto tables =
        for_service(service, [&] { return plan_migration(options_of(options, service)); });
    for (const PlannedTable& t : tables) lines.push_back({service, t.name, t.rows, t.stored});
  }
  return lines;
}

MigrationResult move_service(const MigrateOptions& options, const std::string& service,
                             World& world) {
  Progress progress{world};
  return for_service(service, [&] {
    return migrate_to_postgres(options_of(options, service), [&](const MigrationProgress& now) {
      stop_if_interrupted(now, service);
      progress.tell(text_of(now, service));
    });
  });
}

void migrate(MigrateOptions options, Invocation& invocation) {
  Output& output = invocation.output();
  if (options.services.empty()) options.services = services_in(options.folder);
  const std::vector<PlannedLine> planned = plan(options);
  if (options.dry_run) return output.records(planned, kPlannedColumns);
  const InterruptsNoted noted;
  std::vector<MovedTable> moved;
  for (const std::string& service : options.services) {
    const MigrationResult result = move_service(options, service, invocation.world());
    output.note(service + ": " +
                (result.was_complete ? "all was there, and is compared again"
                                     : std::to_string(result.rows_copied) + " rows stored") +
                "; every table is equal");
    for (const MigratedTable& table : result.tables) {
      moved.push_back({service, table.name, table.rows, table.sha256});
      if (!output.json()) moved.back().sha256.resize(kHashShown);
    }
  }
  output.records(moved, kMovedColumns);
  output.note("start the programs with the same --database; keys and secrets stay in " +
              options.folder.string());
}

}  // namespace

void migrate_databases(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_migrate, &migrate>(arguments, invocation);
}

}  // namespace ticketing::cli
