#include "postgres/watcher.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "ticketing/core/random.hpp"

namespace ticketing::postgres {

namespace {

constexpr int kReconnectMs = 500;
constexpr int kIdBytes = 8;
/// Names longer than 63 bytes are cut by the server.
constexpr std::size_t kChannelMax = 63;

}  // namespace

Watcher::Watcher(ConnectionOptions options, std::function<void()> changed)
    : options_(std::move(options)),
      channel_(("ticketing " + options_.schema).substr(0, kChannelMax)),
      id_(random_hex(system_random(), kIdBytes)),
      changed_(std::move(changed)),
      bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  TICKETING_ASSERT(bell_ >= 0);
  thread_ = std::thread{[this] { run(); }};
}

Watcher::~Watcher() {
  stopping_ = true;
  ring();
  thread_.join();
  ::close(bell_);
}

void Watcher::committed() {
  if (!has_committed_.exchange(true)) ring();
}

void Watcher::ring() {
  const std::uint64_t one = 1;
  TICKETING_ASSERT(::write(bell_, &one, sizeof one) == sizeof one);
}

void Watcher::run() {
  while (!stopping_) {
    try {
      PostgresConnection connection{options_};
      // Nothing is lost with a notification: whoever was cut off looks by himself.
      connection.run_script("SET synchronous_commit = off; LISTEN " + quoted(channel_, '"'));
      changed_();
      watch(connection);
    } catch (const Error&) {  // The server is away; whoever needs it says so.
      if (!stopping_) wait(-1, kReconnectMs);
    }
  }
}

void Watcher::watch(PostgresConnection& connection) {
  pg_conn* const handle = connection.handle();
  while (!stopping_) {
    if (!has_committed_) wait(PQsocket(handle), -1);
    if (has_committed_.exchange(false)) {
      connection.run_script("NOTIFY " + quoted(channel_, '"') + ", " + quoted(id_, '\''));
    }
    if (PQconsumeInput(handle) == 0) throw connection.rolled_back();
    bool is_news = false;
    using Notice = std::unique_ptr<PGnotify, decltype(&PQfreemem)>;
    while (const Notice notice{PQnotifies(handle), &PQfreemem}) is_news |= id_ != notice->extra;
    if (is_news) changed_();
  }
}

void Watcher::wait(int descriptor, int timeout_ms) {
  std::array<pollfd, 2> descriptors{{{bell_, POLLIN, 0}, {descriptor, POLLIN, 0}}};
  ::poll(descriptors.data(), descriptors.size(), timeout_ms);
  std::uint64_t count = 0;
  const bool was_rung = ::read(bell_, &count, sizeof count) == sizeof count;
  static_cast<void>(was_rung);
}

}  // namespace ticketing::postgres
