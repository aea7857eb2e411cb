#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/seats.hpp"
#include "storage/connection.hpp"
#include "storage/file_lock.hpp"
#include "storage/migrate.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing {

namespace {

using storage::Connection;
using storage::ConnectionOptions;

constexpr std::string_view kScheme = "sqlite:";
constexpr int kExitFatal = 70;  // EX_SOFTWARE of sysexits.h.
// Each has a cache and builds an answer; more than that many at once only wait for the processor.
constexpr std::size_t kReadersMax = 4;

std::atomic<void (*)(std::string_view)> fatal_handler{nullptr};

// The writer alone checkpoints. 4,000 pages (16 MiB) keep that work off most commits.
constexpr int kCheckpointPages = 4000;
constexpr std::string_view kWriterPragmas =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA journal_size_limit = 67108864;"
    // What is erased (a card token, once its charge has an outcome) leaves no trace in its page.
    "PRAGMA secure_delete = FAST;"
    "PRAGMA cache_size = -4096;"
    "PRAGMA temp_store = MEMORY;";
constexpr std::string_view kReaderPragmas = "PRAGMA cache_size = -1024; PRAGMA query_only = 1;";

std::string path_of(const std::string& url) {
  if (url.rfind(kScheme, 0) != 0 || url.size() == kScheme.size()) {
    throw Error(ErrorCode::invalid,
                "\"" + url + "\" is not a database URL; write sqlite:/path/to/file.db");
  }
  return url.substr(kScheme.size());
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const DatabaseOptions& options, std::span<const Migrations> migrations)
      : options_(options), path_(path_of(options.url)) {
    if (options.vfs.empty()) lock_.emplace(path_ + ".lock");
    writer_.emplace(ConnectionOptions{path_, options.vfs, false});
    try {
      writer_->run_script(kWriterPragmas);
      writer_->checkpoint_after(kCheckpointPages);
      storage::migrate(*writer_, migrations);
      // A process that was killed between a commit's write and its sync has left frames that
      // recovery takes for committed, and that a power cut can still take away. Nobody may be told
      // of them before they are synced, which a checkpoint does first.
      writer_->run_script("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (const Error& error) {
      throw Error(error.code(), path_ + ": " + error.what(), error.word());
    }
  }

  ~SqliteDatabase() override {
    readers_.clear();
    fail_all(take(SIZE_MAX), Error(ErrorCode::unavailable, "the database is closing"));
  }

  void submit(Work work, Done done) override {
    {
      const std::lock_guard guard{mutex_};
      if (queue_.size() >= options_.queue_max) {
        throw Error(ErrorCode::unavailable, "too many writes are waiting", "overloaded");
      }
      queue_.push_back({std::move(work), std::move(done)});
      if (queue_.size() > 1) return;  // Whoever made it non-empty has woken the writer.
    }
    ready_.notify_one();
  }

  void read(const Read& read) const override {
    const Seats::Seat seat{seats_};
    std::unique_ptr<Connection> reader = take_reader();
    reader->execute("BEGIN");
    try {
      read(*reader);
    } catch (...) {
      if (!reader->in_autocommit()) reader->execute("ROLLBACK");
      give_back(std::move(reader));
      throw;
    }
    reader->execute("COMMIT");
    give_back(std::move(reader));
  }

  std::size_t step() override;

  bool has_work() const override {
    const std::lock_guard guard{mutex_};
    return !queue_.empty();
  }

  bool wait_for_work(std::chrono::milliseconds timeout) override {
    std::unique_lock guard{mutex_};
    ready_.wait_for(guard, timeout, [this] { return !queue_.empty() || interrupted_; });
    interrupted_ = false;
    return !queue_.empty();
  }

  void interrupt() override {
    {
      const std::lock_guard guard{mutex_};
      interrupted_ = true;
    }
    ready_.notify_all();
  }

  bool healthy() const override { return healthy_; }
  std::uint64_t commits() const override { return commits_; }
  DatabaseSize size() const override;

 private:
  struct Job {
    Work work;
    Done done;
    std::exception_ptr failure = nullptr;
  };

  std::vector<Job> take(std::size_t count_max);
  void run(Job& job, bool alone);
  void commit_all(std::vector<Job>& jobs);
  static void fail_all(std::vector<Job> jobs, const Error& error);
  std::unique_ptr<Connection> take_reader() const;
  void give_back(std::unique_ptr<Connection> reader) const;

  const DatabaseOptions options_;
  const std::string path_;
  std::optional<storage::FileLock> lock_;
  std::optional<Connection> writer_;
  std::atomic<bool> healthy_{true};
  std::atomic<std::uint64_t> commits_{0};

  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Job> queue_;
  bool interrupted_ = false;

  mutable Seats seats_{kReadersMax};
  mutable std::mutex readers_mutex_;
  mutable std::vector<std::unique_ptr<Connection>> readers_;
};

std::vector<SqliteDatabase::Job> SqliteDatabase::take(std::size_t count_max) {
  const std::lock_guard guard{mutex_};
  if (queue_.size() <= count_max) return std::exchange(queue_, {});
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count_max);
  std::vector<Job> jobs{std::make_move_iterator(queue_.begin()), std::make_move_iterator(end)};
  queue_.erase(queue_.begin(), end);
  return jobs;
}

std::size_t SqliteDatabase::step() {
  std::vector<Job> jobs = take(options_.jobs_per_commit_max);
  if (jobs.empty()) return 0;
  const std::size_t count = jobs.size();
  try {
    commit_all(jobs);
  } catch (const Error& error) {
    healthy_ = false;
    if (!writer_->in_autocommit()) writer_->execute("ROLLBACK");
    if (error.code() == ErrorCode::corrupt) stop_process(error.what());
    fail_all(std::move(jobs), Error(ErrorCode::unavailable, error.what(), error.word()));
    return count;
  }
  for (Job& job : jobs) job.done(job.failure);
  return count;
}

void SqliteDatabase::commit_all(std::vector<Job>& jobs) {
  writer_->execute("BEGIN IMMEDIATE");
  const bool alone = jobs.size() == 1;
  for (Job& job : jobs) run(job, alone);
  if (alone && jobs.front().failure) {
    writer_->execute("ROLLBACK");
    return;
  }
  writer_->execute("COMMIT");
  healthy_ = true;
  ++commits_;
}

/// Runs one job in a savepoint of its own. A job that is alone needs none: its failure is the
/// failure of the whole transaction.
void SqliteDatabase::run(Job& job, bool alone) {
  if (!alone) writer_->execute("SAVEPOINT job");
  try {
    job.work(*writer_);
  } catch (...) {
    job.failure = std::current_exception();
  }
  // On a full disk and the like SQLite rolls everything back, whether or not the job let us know:
  // then the whole batch has failed.
  if (writer_->in_autocommit()) {
    throw Error(ErrorCode::unavailable, "the disk is full or failing", "disk_full");
  }
  if (alone) return;
  if (job.failure) writer_->execute("ROLLBACK TO job");
  writer_->execute("RELEASE job");
}

/// Whatever a job itself threw may rest on what an earlier one had written, which is gone now.
void SqliteDatabase::fail_all(std::vector<Job> jobs, const Error& error) {
  const std::exception_ptr failure = std::make_exception_ptr(error);
  for (Job& job : jobs) job.done(failure);
}

DatabaseSize SqliteDatabase::size() const {
  DatabaseSize size;
  read([&](Transaction& tx) {
    const auto [pages, free, page] = *tx.first<std::int64_t, std::int64_t, std::int64_t>(
        "SELECT page_count, freelist_count, page_size"
        " FROM pragma_page_count, pragma_freelist_count, pragma_page_size");
    size = {pages * page, free * page};
  });
  return size;
}

std::unique_ptr<Connection> SqliteDatabase::take_reader() const {
  {
    const std::lock_guard guard{readers_mutex_};
    if (!readers_.empty()) {
      auto reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
  }
  auto reader = std::make_unique<Connection>(ConnectionOptions{path_, options_.vfs, true});
  reader->run_script(kReaderPragmas);
  return reader;
}

void SqliteDatabase::give_back(std::unique_ptr<Connection> reader) const {
  const std::lock_guard guard{readers_mutex_};
  readers_.push_back(std::move(reader));
}

}  // namespace

void stop_process(std::string_view reason) {
  if (auto* handler = fatal_handler.load()) return handler(reason);
  std::fprintf(stderr, "fatal: %.*s; stopping, because going on would make it worse\n",
               static_cast<int>(reason.size()), reason.data());
  std::_Exit(kExitFatal);
}

void set_fatal_handler(void (*handler)(std::string_view reason)) { fatal_handler = handler; }

std::unique_ptr<Database> Database::open(const DatabaseOptions& options,
                                         std::span<const Migrations> migrations) {
  return std::make_unique<SqliteDatabase>(options, migrations);
}

}  // namespace ticketing
