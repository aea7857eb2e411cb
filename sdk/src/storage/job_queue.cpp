#include "storage/job_queue.hpp"

#include <iterator>
#include <stdexcept>
#include <utility>

#include "ticketing/core/error.hpp"

namespace ticketing::storage {

void JobQueue::push(Database::Work work, Database::Done done) {
  {
    const std::lock_guard guard{mutex_};
    if (jobs_.size() >= size_max_) {
      throw Error(ErrorCode::unavailable, "too many writes are waiting", "overloaded");
    }
    jobs_.push_back({std::move(work), std::move(done)});
    if (jobs_.size() > 1) return;  // Whoever made it non-empty has woken the writer.
  }
  ready_.notify_one();
}

std::vector<Job> JobQueue::take(std::size_t count_max) {
  const std::lock_guard guard{mutex_};
  if (jobs_.size() <= count_max) return std::exchange(jobs_, {});
  const auto end = jobs_.begin() + static_cast<std::ptrdiff_t>(count_max);
  std::vector<Job> taken{std::make_move_iterator(jobs_.begin()), std::make_move_iterator(end)};
  jobs_.erase(jobs_.begin(), end);
  return taken;
}

bool JobQueue::empty() const {
  const std::lock_guard guard{mutex_};
  return jobs_.empty();
}

bool JobQueue::wait(std::chrono::milliseconds timeout) {
  std::unique_lock guard{mutex_};
  ready_.wait_for(guard, timeout, [this] { return !jobs_.empty() || interrupted_; });
  interrupted_ = false;
  return !jobs_.empty();
}

void JobQueue::interrupt() {
  {
    const std::lock_guard guard{mutex_};
    interrupted_ = true;
  }
  ready_.notify_all();
}

void JobQueue::close() {
  {
    const std::lock_guard guard{mutex_};
    closed_ = true;
  }
  ready_.notify_all();
}

bool JobQueue::closed_within(std::chrono::milliseconds timeout) {
  std::unique_lock guard{mutex_};
  return ready_.wait_for(guard, timeout, [this] { return closed_; });
}

bool run_jobs(Connection& connection, std::vector<Job>& jobs) {
  const bool alone = jobs.size() == 1;
  for (Job& job : jobs) {
    if (!alone) connection.execute("SAVEPOINT job");
    job.failure = nullptr;
    try {
      job.work(connection);
    } catch (...) {
      job.failure = std::current_exception();
    }
    // On a full disk, a lost connection and the like everything is rolled back, whether or not the
    // job let us know: then the whole batch has failed.
    if (!connection.in_transaction()) throw connection.rolled_back();
    if (connection.has_failed() && !job.failure) {
      job.failure = std::make_exception_ptr(
          std::logic_error("a write went on after one of its statements had failed"));
    }
    if (alone) return job.failure == nullptr;
    if (job.failure) connection.execute("ROLLBACK TO job");
    connection.execute("RELEASE job");
  }
  return true;
}

void fail_all(std::vector<Job> jobs, const Error& error) {
  const std::exception_ptr failure = std::make_exception_ptr(error);
  for (Job& job : jobs) job.done(failure);
}

}  // namespace ticketing::storage
