#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "core/seats.hpp"
#include "postgres/connection.hpp"
#include "postgres/migration_state.hpp"
#include "postgres/watcher.hpp"
#include "storage/job_queue.hpp"
#include "storage/migrate.hpp"
#include "ticketing/core/random.hpp"
#include "ticketing/postgres/postgres.hpp"

namespace ticketing::postgres {

namespace {

using storage::Job;
using storage::JobQueue;

constexpr std::size_t kReadersMax = 8;
/// Beyond 64 a transaction's savepoints no longer fit where other sessions look for them.
constexpr std::size_t kJobsPerCommitMax = 48;
constexpr int kRunsMax = 5;
constexpr std::chrono::milliseconds kReconnectPause{200};

/// Who has written and how often: by it a writer learns whether a commit went through whose answer
/// it did not get, and that another process has taken its place. (The id of a transaction would not
/// tell: after a crash it may be another's.)
constexpr std::string_view kWriters =
    "CREATE TABLE IF NOT EXISTS ticketing_writers"
    " (id TEXT PRIMARY KEY, commits BIGINT NOT NULL, may_write BOOLEAN NOT NULL,"
    " at TIMESTAMPTZ NOT NULL DEFAULT now());"
    // Nobody waits for the answer to a commit for so long.
    "DELETE FROM ticketing_writers WHERE at < now() - interval '1 day';";
/// The rows of the last but one are of no use to anybody.
constexpr std::string_view kRetireOthers =
    "DELETE FROM ticketing_writers WHERE NOT may_write;"
    "UPDATE ticketing_writers SET may_write = false;";

Error away() { return {ErrorCode::unavailable, "the database is away", kLost}; }

Error closing() { return {ErrorCode::unavailable, "the database is closing"}; }

Error in_doubt() {
  return {
      ErrorCode::unavailable,
      "the database went away in the middle of a commit, and the program is stopped before it is"
      " back: it may be stored or not",
      "database_in_doubt"};
}

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const DatabaseOptions& options, std::span<const Migrations> migrations)
      : reader_options_({options.url, options.schema}),
        writer_options_({options.url, options.schema,
                         options.exclusive ? Claim::exclusive : Claim::shared,
                         random_hex(system_random(), 16)}),
        jobs_per_commit_max_(std::min(options.jobs_per_commit_max, kJobsPerCommitMax)),
        queue_(options.queue_max),
        writer_(std::make_unique<PostgresConnection>(writer_options_)) {
    try {
      writer_->begin_alone();
      writer_->run_script("CREATE SCHEMA IF NOT EXISTS " + quoted(options.schema, '"'));
      refuse_unfinished_migration(*writer_, options.schema);
      writer_->run_script(kWriters);
      if (options.exclusive) writer_->run_script(kRetireOthers);
      writer_->run_script("INSERT INTO ticketing_writers (id, commits, may_write) VALUES (" +
                          quoted(writer_options_.writer, '\'') + ", 0, true)");
      writer_->commit();
      storage::migrate(*writer_, migrations);
    } catch (const Error& error) {
      throw Error(error.code(), "database " + place_of(options.url) + ": " + error.what(),
                  error.word());
    }
  }

  ~PostgresDatabase() override {
    watcher_.reset();
    readers_.clear();
    storage::fail_all(queue_.take(SIZE_MAX), closing());
  }

  void submit(Work work, Done done) override { queue_.push(std::move(work), std::move(done)); }
  void read(const Read& read) const override;

  std::size_t step() override;
  bool has_work() const override { return !queue_.empty(); }
  bool wait_for_work(std::chrono::milliseconds timeout) override { return queue_.wait(timeout); }
  void interrupt() override { queue_.interrupt(); }
  void give_up() override { queue_.close(); }

  bool is_shared() const override { return writer_options_.claim == Claim::shared; }
  void watch(std::function<void()> changed) override;

  bool healthy() const override { return healthy_; }
  std::uint64_t commits() const override { return commits_; }
  DatabaseSize size() const override;

 private:
  void commit_all(std::vector<Job>& jobs);
  bool run_all(std::vector<Job>& jobs);
  void commit();
  bool was_committed(std::int64_t commit_number);
  void tell_others();
  void connect_writer();
  std::unique_ptr<PostgresConnection> take_reader() const;
  std::unique_ptr<PostgresConnection> connect_reader() const;
  void give_back(std::unique_ptr<PostgresConnection> reader) const;

  const ConnectionOptions reader_options_;
  const ConnectionOptions writer_options_;
  const std::size_t jobs_per_commit_max_;
  JobQueue queue_;
  std::unique_ptr<PostgresConnection> writer_;          ///< Null while there is none to be had.
  std::chrono::steady_clock::time_point not_before_{};  ///< After a failed attempt to connect.
  mutable std::atomic<std::chrono::steady_clock::time_point> no_reader_before_{};
  mutable std::atomic<bool> healthy_{true};
  std::atomic<std::uint64_t> commits_{0};
  std::mutex watcher_mutex_;
  std::unique_ptr<Watcher> watcher_;

  mutable Seats seats_{kReadersMax};
  mutable std::mutex readers_mutex_;
  mutable std::vector<std::unique_ptr<PostgresConnection>> readers_;
};

std::size_t PostgresDatabase::step() {
  if (queue_.empty()) return 0;
  std::vector<Job> jobs;
  try {
    commit_all(jobs);
  } catch (const Error& error) {
    healthy_ = false;
    writer_.reset();  // And with it whatever it was in the middle of.
    if (error.code() == ErrorCode::corrupt) stop_process(error.what());
    if (jobs.empty()) jobs = queue_.take(jobs_per_commit_max_);
    const std::size_t count = jobs.size();
    storage::fail_all(std::move(jobs), Error(ErrorCode::unavailable, error.what(), error.word()));
    return count;
  }
  const std::size_t count = jobs.size();
  for (Job& job : jobs) job.done(job.failure);
  return count;
}

void PostgresDatabase::watch(std::function<void()> changed) {
  std::unique_ptr<Watcher> last;  // To be ended without the lock: it may be at work.
  const std::lock_guard guard{watcher_mutex_};
  last = std::exchange(watcher_,
                       changed ? std::make_unique<Watcher>(reader_options_, changed) : nullptr);
}

void PostgresDatabase::tell_others() {
  const std::lock_guard guard{watcher_mutex_};
  if (watcher_) watcher_->committed();
}

/// Takes them, too. A deadlock with somebody from outside is nobody's fault: all are run again.
void PostgresDatabase::commit_all(std::vector<Job>& jobs) {
  if (!writer_) connect_writer();
  for (int runs = 1; !run_all(jobs); ++runs) {
    if (runs == kRunsMax) {
      throw Error(ErrorCode::unavailable, "the database is busy with deadlocks", kAgain);
    }
  }
}

void PostgresDatabase::connect_writer() {
  const auto now = std::chrono::steady_clock::now();
  if (now < not_before_) throw away();
  not_before_ = now + kReconnectPause;
  writer_ = std::make_unique<PostgresConnection>(writer_options_);
  not_before_ = {};
}

/// False, with nothing stored, when they have to be run again. Jobs are taken when it is their
/// turn: what came while another instance had its own shares this commit.
bool PostgresDatabase::run_all(std::vector<Job>& jobs) {
  try {
    writer_->begin_write();
    if (jobs.empty()) jobs = queue_.take(jobs_per_commit_max_);
    const bool any = storage::run_jobs(*writer_, jobs);
    const bool again = std::any_of(jobs.begin(), jobs.end(),
                                   [](const Job& job) { return has_word(job.failure, kAgain); });
    if (again || !any) {
      writer_->run_script("ROLLBACK");
      return !again;
    }
  } catch (const Error& error) {
    if (error.word() != kAgain) throw;
    writer_->run_script("ROLLBACK");
    return false;
  }
  commit();
  ++commits_;
  tell_others();
  const bool all_well = std::none_of(
      jobs.begin(), jobs.end(), [](const Job& job) { return is_about_the_database(job.failure); });
  if (!all_well) writer_.reset();  // What one has met, the next would meet.
  healthy_ = all_well;
  return true;
}

void PostgresDatabase::commit() {
  const std::int64_t number = writer_->commit_number();
  try {
    writer_->commit();
  } catch (const Error&) {
    if (writer_->is_alive()) throw;  // The server has said no.
    if (!was_committed(number)) throw;
  }
}

/// Asks until there is an answer: nobody may be told that a job failed which was stored. The lock
/// is free again only when the lost session has ended its transaction one way or the other. Asked
/// as one who only reads, since another process may have taken over meanwhile.
bool PostgresDatabase::was_committed(std::int64_t commit_number) {
  healthy_ = false;
  writer_.reset();
  while (true) {
    try {
      PostgresConnection asking{reader_options_};
      asking.begin_alone();
      const auto commits = asking.first<std::int64_t>(
          "SELECT commits FROM ticketing_writers WHERE id = :id", writer_options_.writer);
      return commits && std::get<0>(*commits) >= commit_number;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::corrupt) throw;  // No waiting would mend it.
      storage::fail_all(queue_.take(SIZE_MAX), away());
      if (queue_.closed_within(kReconnectPause)) throw in_doubt();
    }
  }
}

void PostgresDatabase::read(const Read& read) const {
  const Seats::Seat seat{seats_};
  std::unique_ptr<PostgresConnection> reader;
  try {
    reader = take_reader();
    read(*reader);
    if (reader->has_failed()) {
      throw std::logic_error("a read went on after one of its statements had failed");
    }
    reader->commit();
  } catch (...) {
    const bool lost = !reader || !reader->is_alive();
    if (lost) healthy_ = false;  // Whoever probes finds out when it is back.
    if (!lost) {
      reader->run_script("ROLLBACK");
      give_back(std::move(reader));
    }
    throw;
  }
  give_back(std::move(reader));
}

/// With a transaction that has begun. One that has lost its server since it was last used is
/// replaced; so are all the others then.
std::unique_ptr<PostgresConnection> PostgresDatabase::take_reader() const {
  std::unique_ptr<PostgresConnection> reader;
  {
    const std::lock_guard guard{readers_mutex_};
    if (!readers_.empty()) {
      reader = std::move(readers_.back());
      readers_.pop_back();
    }
  }
  if (reader) {
    try {
      reader->begin_read();
      return reader;
    } catch (const Error&) {
      std::vector<std::unique_ptr<PostgresConnection>> others;  // To be closed without the lock.
      const std::lock_guard guard{readers_mutex_};
      others.swap(readers_);
    }
  }
  reader = connect_reader();
  reader->begin_read();
  return reader;
}

/// A server that is starting again has other things to do than to turn away all who read.
std::unique_ptr<PostgresConnection> PostgresDatabase::connect_reader() const {
  const auto now = std::chrono::steady_clock::now();
  if (now < no_reader_before_.load()) throw away();
  try {
    return std::make_unique<PostgresConnection>(reader_options_);
  } catch (const Error&) {
    no_reader_before_ = now + kReconnectPause;
    throw;
  }
}

void PostgresDatabase::give_back(std::unique_ptr<PostgresConnection> reader) const {
  const std::lock_guard guard{readers_mutex_};
  readers_.push_back(std::move(reader));
}

DatabaseSize PostgresDatabase::size() const {
  DatabaseSize size;
  read([&](Transaction& tx) {
    size.bytes = std::get<0>(*tx.first<std::int64_t>(
        "SELECT CAST(coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bigint) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND n.nspname = current_schema()"));
  });
  return size;
}

std::unique_ptr<Database> open(const DatabaseOptions& options,
                               std::span<const Migrations> migrations) {
  return std::make_unique<PostgresDatabase>(options, migrations);
}

}  // namespace

}  // namespace ticketing::postgres

namespace ticketing {

void use_postgres() {
  register_database("postgresql", &postgres::open, "postgresql://USER@HOST:5432/DATABASE");
  register_database("postgres", &postgres::open, "");
}

}  // namespace ticketing
