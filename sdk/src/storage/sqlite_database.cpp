#include "storage/sqlite_database.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "core/seats.hpp"
#include "storage/file_lock.hpp"
#include "storage/job_queue.hpp"
#include "storage/migrate.hpp"
#include "storage/sqlite_connection.hpp"

namespace ticketing::storage {

namespace {

constexpr std::string_view kScheme = "sqlite:";
// Each has a cache and builds an answer; more than that many at once only wait for the processor.
constexpr std::size_t kReadersMax = 4;

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
  if (url.size() == kScheme.size()) {
    throw Error(ErrorCode::invalid, "\"" + url + "\" names no file; write sqlite:/path/to/file.db");
  }
  return url.substr(kScheme.size());
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const DatabaseOptions& options, std::span<const Migrations> migrations)
      : options_(options), path_(path_of(options.url)), queue_(options.queue_max) {
    if (options.vfs.empty()) lock_.emplace(path_ + ".lock");
    writer_.emplace(SqliteOptions{path_, options.vfs, false});
    try {
      writer_->run_script(kWriterPragmas);
      writer_->checkpoint_after(kCheckpointPages);
      migrate(*writer_, migrations);
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
    fail_all(queue_.take(SIZE_MAX), Error(ErrorCode::unavailable, "the database is closing"));
  }

  void submit(Work work, Done done) override { queue_.push(std::move(work), std::move(done)); }

  void read(const Read& read) const override {
    const Seats::Seat seat{seats_};
    std::unique_ptr<Connection> reader = take_reader();
    reader->execute("BEGIN");
    try {
      read(*reader);
    } catch (...) {
      if (reader->in_transaction()) reader->execute("ROLLBACK");
      give_back(std::move(reader));
      throw;
    }
    reader->execute("COMMIT");
    give_back(std::move(reader));
  }

  std::size_t step() override;
  bool has_work() const override { return !queue_.empty(); }
  bool wait_for_work(std::chrono::milliseconds timeout) override { return queue_.wait(timeout); }
  void interrupt() override { queue_.interrupt(); }

  bool healthy() const override { return healthy_; }
  std::uint64_t commits() const override { return commits_; }
  DatabaseSize size() const override;

 private:
  void commit_all(std::vector<Job>& jobs);
  std::unique_ptr<Connection> take_reader() const;
  void give_back(std::unique_ptr<Connection> reader) const;

  const DatabaseOptions options_;
  const std::string path_;
  std::optional<FileLock> lock_;
  std::optional<SqliteConnection> writer_;
  std::atomic<bool> healthy_{true};
  std::atomic<std::uint64_t> commits_{0};
  JobQueue queue_;

  mutable Seats seats_{kReadersMax};
  mutable std::mutex readers_mutex_;
  mutable std::vector<std::unique_ptr<Connection>> readers_;
};

std::size_t SqliteDatabase::step() {
  std::vector<Job> jobs = queue_.take(options_.jobs_per_commit_max);
  if (jobs.empty()) return 0;
  const std::size_t count = jobs.size();
  try {
    commit_all(jobs);
  } catch (const Error& error) {
    healthy_ = false;
    if (writer_->in_transaction()) writer_->execute("ROLLBACK");
    if (error.code() == ErrorCode::corrupt) stop_process(error.what());
    fail_all(std::move(jobs), Error(ErrorCode::unavailable, error.what(), error.word()));
    return count;
  }
  for (Job& job : jobs) job.done(job.failure);
  return count;
}

void SqliteDatabase::commit_all(std::vector<Job>& jobs) {
  writer_->begin_write();
  if (!run_jobs(*writer_, jobs)) {
    writer_->execute("ROLLBACK");
    return;
  }
  writer_->execute("COMMIT");
  healthy_ = true;
  ++commits_;
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
  auto reader = std::make_unique<SqliteConnection>(SqliteOptions{path_, options_.vfs, true});
  reader->run_script(kReaderPragmas);
  return reader;
}

void SqliteDatabase::give_back(std::unique_ptr<Connection> reader) const {
  const std::lock_guard guard{readers_mutex_};
  readers_.push_back(std::move(reader));
}

}  // namespace

std::unique_ptr<Database> open_sqlite(const DatabaseOptions& options,
                                      std::span<const Migrations> migrations) {
  return std::make_unique<SqliteDatabase>(options, migrations);
}

}  // namespace ticketing::storage
