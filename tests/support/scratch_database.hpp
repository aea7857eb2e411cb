#pragma once
// ScratchDatabase: a real database of its own, stepped by the test itself, and
// Writer: a thread that steps one, for what needs a driver.

#include <atomic>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/postgres_server.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::test {

class ScratchDatabase {
 public:
  explicit ScratchDatabase(std::vector<Migrations> migrations, DatabaseOptions options = {})
      : migrations_(std::move(migrations)), options_(std::move(options)) {
    options_.url = tests_use_postgres() ? postgres_server().create_database()
                                        : "sqlite:" + folder_.file("test.db");
    options_.schema = "scratch";
    reopen();
  }

  /// As after a restart of the program.
  void reopen() {
    database_.reset();
    database_ = Database::open(options_, migrations_);
  }

  Database& operator*() { return *database_; }
  Database* operator->() { return database_.get(); }
  const TempFolder& folder() const { return folder_; }
  const DatabaseOptions& options() const { return options_; }

  /// Commits `work` alone and returns what it returned; throws what it threw.
  template <class F>
  auto write(F work) {
    using Result = std::invoke_result_t<F&, Transaction&>;
    std::exception_ptr failure;
    const auto done = [&](std::exception_ptr what) { failure = what; };
    if constexpr (std::is_void_v<Result>) {
      database_->submit([&](Transaction& tx) { work(tx); }, done);
      database_->step();
      if (failure) std::rethrow_exception(failure);
    } else {
      std::optional<Result> result;
      database_->submit([&](Transaction& tx) { result.emplace(work(tx)); }, done);
      database_->step();
      if (failure) std::rethrow_exception(failure);
      return std::move(*result);
    }
  }

  /// What `query` finds in a snapshot of its own.
  template <class F>
  auto read(F query) const {
    std::optional<std::invoke_result_t<F&, Transaction&>> result;
    database_->read([&](Transaction& tx) { result.emplace(query(tx)); });
    return std::move(*result);
  }

  std::int64_t count(std::string_view sql) const {
    return read([&](Transaction& tx) { return std::get<0>(*tx.first<std::int64_t>(sql)); });
  }

 private:
  TempFolder folder_;
  std::vector<Migrations> migrations_;
  DatabaseOptions options_;
  std::unique_ptr<Database> database_;
};

class Writer {
 public:
  explicit Writer(Database& database)
      : database_(database), thread_([this] {
          while (!stopping_) {
            if (database_.wait_for_work(std::chrono::seconds{1})) database_.step();
          }
        }) {}
  ~Writer() {
    stopping_ = true;
    database_.interrupt();
    thread_.join();
  }

 private:
  Database& database_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ticketing::test
