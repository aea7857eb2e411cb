#pragma once
// Database: one service's own database, with one writer and many readers.
//
// Writes are jobs. Everything queued is committed together with one sync of the disk (group
// commit); each job has a savepoint of its own, so one that throws takes only itself down. Where
// several processes share a database their writers take turns, a commit at a time: a job sees all
// that was committed before it, and nothing changes while it runs. A job's
// `done` is called after the sync, in commit order, on the writer's thread: whatever it tells
// anyone is durable. Reads run on connections of their own, on the caller's thread, and see one
// snapshot each.
//
// submit(), write() and read() may be called by any thread; step() by one only (the driver, or a
// simulator). A failed sync stops the process: what the disk holds is unknown from then on, and a
// second sync that succeeds would prove nothing.

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "ticketing/core/error.hpp"
#include "ticketing/storage/transaction.hpp"

namespace ticketing {

/// Machine word of errors of a database that is away, and may come back.
inline constexpr const char* kDatabaseLost = "database_lost";

/// Steps that bring one component's tables from nothing to now. Only ever append.
struct Migrations {
  std::string_view component;               ///< `ticketing` is the SDK's own.
  std::span<const std::string_view> steps;  ///< One statement or several, split by `;`.
};

struct DatabaseOptions {
  /// `sqlite:/path/to/file.db`, or one of an engine that was registered.
  std::string url;
  std::string schema = {};  ///< Whose tables they are, where several share a server's database.
  std::string vfs;          ///< SQLite VFS to open with; empty is the system's.
  /// One process alone serves the database: others are refused while it does, and it while others
  /// do. Files are never shared.
  bool exclusive = true;
  std::size_t jobs_per_commit_max = 512;
  std::size_t queue_max = 16'384;  ///< submit() beyond it throws Error(unavailable).
};

/// How much room a database takes, and how much of that is free for what is to come.
struct DatabaseSize {
  std::int64_t bytes = 0;
  std::int64_t free_bytes = 0;
};

class Database {
 public:
  /// May be run again when its transaction could not be committed: nothing of it is stored then.
  using Work = std::function<void(Transaction&)>;
  using Read = std::function<void(Transaction&)>;
  /// Null when the job is durable; otherwise what it threw, or Error(unavailable) when the
  /// commit as a whole failed. Nothing of the job is stored then, but with the word
  /// `database_in_doubt`, which is told only to a program that stops. Must not throw.
  using Done = std::function<void(std::exception_ptr)>;

  /// Opens or creates the database and migrates it. Throws Error: invalid – not a database URL;
  /// unavailable – cannot be opened or reached, is read-only, full or in use by another process;
  /// corrupt – not a database, or written by a newer version.
  static std::unique_ptr<Database> open(const DatabaseOptions& options,
                                        std::span<const Migrations> migrations);
  virtual ~Database() = default;

  /// Queues `work`. Throws Error(unavailable) when the queue is full or the database is closing.
  virtual void submit(Work work, Done done) = 0;
  /// Runs `read` on a snapshot, on this thread; not inside of another. Throws what `read` throws.
  virtual void read(const Read& read) const = 0;

  /// Commits everything that is queued, as one; returns the number of jobs. Never blocks for work.
  virtual std::size_t step() = 0;
  /// True when jobs are queued.
  virtual bool has_work() const = 0;
  /// Blocks until there is work or interrupt() was called or `timeout` has passed.
  virtual bool wait_for_work(std::chrono::milliseconds timeout) = 0;
  virtual void interrupt() = 0;
  /// The program stops: nothing waits any more for a server that is away. Any thread.
  virtual void give_up() {}

  /// Other processes may serve this database, too.
  virtual bool is_shared() const { return false; }
  /// Calls `changed` on a thread of its own soon after another process has committed, and whenever
  /// that may have been missed; nullptr: no more, once this returns. Not inside of `changed`.
  virtual void watch(std::function<void()> changed) { static_cast<void>(changed); }

  /// True when the last commit went through (a full disk makes it false until one does).
  virtual bool healthy() const = 0;
  /// Number of commits so far: each is one sync.
  virtual std::uint64_t commits() const = 0;
  /// Zero where the engine cannot tell.
  virtual DatabaseSize size() const { return {}; }

  /// submit(), then waits until it is durable; returns what `work` returned. Needs a driver
  /// that steps on another thread. Throws what `work` threw.
  template <class F>
  auto write(F&& work) {
    using Result = std::invoke_result_t<F&, Transaction&>;
    std::promise<void> promise;
    std::future<void> durable = promise.get_future();
    auto done = [&promise](std::exception_ptr failure) {
      failure ? promise.set_exception(failure) : promise.set_value();
    };
    if constexpr (std::is_void_v<Result>) {
      submit([&work](Transaction& tx) { work(tx); }, done);
      durable.get();
    } else {
      std::optional<Result> result;
      submit([&](Transaction& tx) { result.emplace(work(tx)); }, done);
      durable.get();
      return std::move(*result);
    }
  }

  /// The same for whoever steps the database, on whose thread it is called: commits what is queued,
  /// and `work` with it.
  void write_and_step(const Work& work) {
    std::exception_ptr failure;
    submit(work, [&failure](std::exception_ptr what) { failure = what; });
    while (step() > 0) {
    }
    if (failure) std::rethrow_exception(failure);
  }
};

using OpenDatabase = std::unique_ptr<Database> (*)(const DatabaseOptions& options,
                                                   std::span<const Migrations> migrations);
/// Makes Database::open() know URLs `scheme:…`, of which `example` shows one. Before any thread is
/// started.
void register_database(std::string_view scheme, OpenDatabase open, std::string_view example);
/// True when Database::open() knows the engine of `url`.
bool knows_database(std::string_view url);
/// A command line would show it to everyone on this machine.
bool holds_password(std::string_view url);
/// The examples of all engines, as a message tells them.
std::string database_examples();

/// True for errors that say nothing about what was to be done: it is to be done again.
bool is_about_the_database(const Error& error);
bool is_about_the_database(const std::exception_ptr& failure);

/// Ends the process with exit status 70 and one line on stderr: what is stored, or what was
/// received, contradicts itself, and going on would make it worse.
void stop_process(std::string_view reason);

/// Called instead of the default (message to stderr, exit 70) when a sync failed. Tests only.
void set_fatal_handler(void (*handler)(std::string_view reason));

}  // namespace ticketing
