#include "http/event_loop.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "http/listener.hpp"

namespace ticketing::http {
namespace {

constexpr std::chrono::milliseconds kCheckInterval{250};
constexpr std::chrono::milliseconds kCheckIntervalStopping{10};
constexpr int kAcceptsAtOnce = 64;
/// Clients beyond the limit that may hear why before they are cut off.
constexpr std::size_t kTurnedAwayMax = 64;

constexpr Refusal kTooManyConnections{503, "Too many connections", "too_many_connections"};

SteadyTime now() { return std::chrono::steady_clock::now(); }

void watch(int epoll, int operation, int fd, std::uint32_t events, void* owner) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = owner;
  TICKETING_ASSERT(::epoll_ctl(epoll, operation, fd, &event) == 0);
}

}  // namespace

EventLoop::EventLoop(Shared& shared, UniqueFd listener)
    : shared_(shared), epoll_(::epoll_create1(EPOLL_CLOEXEC)), listener_(std::move(listener)) {
  TICKETING_ASSERT(epoll_.get() >= 0);
  watch(epoll_.get(), EPOLL_CTL_ADD, shared_.bell.fd(), EPOLLIN | EPOLLET, &shared_.bell);
  pause_accepting(false);
}

void EventLoop::run() {
  while (!done_) {
    wait_for_events();
    release_waiting();
    if (now() >= next_check_) check_deadlines();
  }
  for (const auto& [fd, connection] : connections_) ::shutdown(fd, SHUT_RDWR);
}

void EventLoop::give_back(Connection& connection, bool waits_for_socket) {
  using Baton = Connection::Baton;
  Baton expected = Baton::worker;
  if (waits_for_socket && connection.baton.compare_exchange_strong(expected, Baton::loop)) return;
  {
    const std::lock_guard lock{returned_mutex_};
    returned_.push_back(&connection);
  }
  shared_.bell.ring();
}

void EventLoop::stop(SteadyTime until) {
  stop_until_ = until;
  shared_.bell.ring();
}

void EventLoop::wait_for_events() {
  const int count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                                 wait_milliseconds(now()));
  TICKETING_ASSERT(count >= 0 || errno == EINTR);
  for (int i = 0; i < count; ++i) dispatch(events_[static_cast<std::size_t>(i)]);
  // Not among the events: closing a connection here must not leave an event of it behind.
  take_returned();
}

int EventLoop::wait_milliseconds(SteadyTime now) {
  const auto waiting = shared_.room.next_due();
  if (connections_.empty() && accepting_ && !waiting && !stopping()) return -1;
  SteadyTime next = next_check_;
  if (waiting) next = std::min(next, *waiting);
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(wait, 0, kCheckInterval.count()));
}

void EventLoop::dispatch(const epoll_event& event) {
  using Baton = Connection::Baton;
  if (event.data.ptr == this) return accept_some();
  if (event.data.ptr == &shared_.bell) {
    // Whoever rings from now on has something new; what was rung for is looked at below.
    shared_.bell.answer();
    if (stopping()) next_check_ = now();
    return;
  }
  Connection& connection = *static_cast<Connection*>(event.data.ptr);
  Baton baton = connection.baton.load();
  // A worker that gives the connection back at this moment makes the exchange fail.
  if (baton == Baton::worker) {
    connection.baton.compare_exchange_strong(baton, Baton::worker_with_event);
  }
  const bool hung_up = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (baton == Baton::loop) proceed(connection, hung_up);
}

void EventLoop::take_returned() {
  std::vector<Connection*> returned;
  {
    const std::lock_guard lock{returned_mutex_};
    returned.swap(returned_);
  }
  for (Connection* connection : returned) {
    connection->baton = Connection::Baton::loop;
    proceed(*connection, true);
  }
}

void EventLoop::release_waiting() {
  const auto due = shared_.room.take_due(now());
  if (!due.empty()) shared_.queue.push_again(due);
}

void EventLoop::check_deadlines() {
  const SteadyTime time = now();
  next_check_ = time + (stopping() ? kCheckIntervalStopping : kCheckInterval);
  const bool stop_now = stopping() && listener_.get() >= 0;
  if (stop_now) stop_accepting();
  if (!stopping()) pause_accepting(false);
  std::vector<Connection*> late;
  for (const auto& [fd, connection] : connections_) {
    if (connection->baton.load() != Connection::Baton::loop) continue;
    const bool unwanted =
        stopping() && !stop_now && connection->phase != Connection::Phase::writing;
    if (unwanted || time >= connection->deadline) late.push_back(connection.get());
  }
  for (Connection* connection : late) expire(*connection);
  done_ = stopping() && (connections_.empty() || time >= stop_until_.load());
}

void EventLoop::stop_accepting() {
  pause_accepting(true);
  listener_.reset();  // New clients are better off elsewhere.
  // What has arrived by now is still served; the next check closes the rest.
  std::vector<Connection*> held;
  for (const auto& [fd, connection] : connections_) {
    if (connection->baton.load() == Connection::Baton::loop) held.push_back(connection.get());
  }
  for (Connection* connection : held) proceed(*connection, true);
}

void EventLoop::expire(Connection& connection) {
  const bool half_a_request = connection.phase == Connection::Phase::reading &&
                              connection.collector.state() != RequestCollector::State::empty;
  if (!half_a_request || stopping()) return close(connection);
  refuse(connection, {408, "Request took too long to arrive", "request_timeout"});
}

void EventLoop::accept_some() {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    UniqueFd socket{::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (socket.get() >= 0) {
      admit(std::move(socket), address_text(address));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (errno != ECONNABORTED && errno != EINTR) {
      // Out of descriptors or memory: look again at the next check, instead of spinning.
      return pause_accepting(true);
    }
  }
}

void EventLoop::admit(UniqueFd socket, const std::string& address) {
  const HttpLimits& limits = shared_.limits;
  if (connections_.size() >= limits.connections_max + kTurnedAwayMax) return;
  std::size_t& of_address = per_address_[address];
  const auto& proxies = shared_.options.trusted_proxies;
  const bool is_proxy = std::find(proxies.begin(), proxies.end(), address) != proxies.end();
  const bool too_many = connections_.size() >= limits.connections_max ||
                        (!is_proxy && of_address >= limits.connections_per_address_max);
  ++of_address;
  const int fd = socket.get();
  auto& connection =
      *(connections_[fd] = std::make_unique<Connection>(std::move(socket), address, limits));
  shared_.counters.connections_open = connections_.size();
  connection.deadline = now() + limits.idle_deadline;
  watch(epoll_.get(), EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &connection);
  if (!too_many) return;
  ++shared_.counters.refused_overload;
  refuse(connection, kTooManyConnections);
}

void EventLoop::pause_accepting(bool pause) {
  if (accepting_ == !pause) return;
  accepting_ = !pause;
  watch(epoll_.get(), pause ? EPOLL_CTL_DEL : EPOLL_CTL_ADD, listener_.get(), EPOLLIN, this);
}

void EventLoop::close(Connection& connection) {
  hold(connection, 0, shared_.counters);
  const auto of_address = per_address_.find(connection.remote);
  if (--of_address->second == 0) per_address_.erase(of_address);
  connections_.erase(connection.fd.get());
  shared_.counters.connections_open = connections_.size();
}

void EventLoop::rearm(Connection& connection) {
  watch(epoll_.get(), EPOLL_CTL_MOD, connection.fd.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        &connection);
}

}  // namespace ticketing::http
