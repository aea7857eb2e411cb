#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>
#include <zmq.hpp>

#include "messaging/command_queue.hpp"
#include "messaging/follower.hpp"
#include "messaging/zmq_fetch_server.hpp"
#include "messaging/zmq_gate.hpp"
#include "messaging/zmq_peer.hpp"
#include "messaging/zmq_publisher.hpp"
#include "messaging/zmq_socket.hpp"
#include "ticketing/core/error.hpp"
#include "ticketing/messaging/bus.hpp"

namespace ticketing {

namespace {

using namespace zmq_driver;
using Time = Subscription::Time;

Time monotonic() { return system_clock().monotonic(); }

std::string local_endpoint() {
  static std::atomic<int> count{0};
  return "inproc://ticketing-bus-" + std::to_string(++count);
}

class ZmqBus final : public Bus {
 public:
  ZmqBus(BusOptions options, Logger& logger)
      : options_(std::move(options)),
        logger_(logger),
        local_(local_endpoint()),
        gate_(context_, options_.security, logger),
        publisher_(context_, options_, local_, gate_),
        fetch_server_(context_, options_, local_ + "-fetch", gate_, logger) {}
  ~ZmqBus() override { stop(); }

  void host(HostedLog log) override {
    publisher_.host(log, fetch_server_.announced());
    fetch_server_.host(std::move(log));
  }

  void follow(Consumer consumer) override {
    on_thread([&] { add(std::move(consumer)); });
  }
  void unfollow(const std::string& consumer, const std::string& log) override;

  void start() override {
    fetch_server_.start();
    thread_ = std::thread{[this] { run(); }};
  }

  void stop() override {
    if (!thread_.joinable()) return;
    commands_.post([this] { stopping_ = true; });
    thread_.join();
    fetch_server_.stop();
  }

  std::string endpoint() const override { return publisher_.endpoint(); }
  std::string limited_endpoint() const override { return publisher_.limited_endpoint(); }

  void committed(const std::string& name, std::vector<LogEntry> entries) override {
    if (entries.empty()) return;
    commands_.post([this, name, moved = std::move(entries)]() mutable {
      publisher_.committed(name, std::move(moved));
    });
  }

  void request_replay(const std::string& consumer, const std::string& log, Gap gap) override {
    commands_.post([this, consumer, log, gap] {
      for (const auto& follower : followers_) {
        if (follower->is(consumer, log)) follower->core.request_replay(gap);
      }
    });
  }

  std::vector<SubscriptionStatus> statuses() const override {
    const std::lock_guard guard{status_mutex_};
    return statuses_;
  }

  std::map<std::string, std::uint64_t> handshake_failures() const override {
    return gate_.failures();
  }

 private:
  /// Returns, or throws, what it does once that is done.
  void on_thread(const std::function<void()>& action) {
    if (!thread_.joinable()) return action();
    commands_.post_and_wait(action);
  }

  void add(Consumer consumer);
  Peer& peer_at(const std::string& endpoint, const std::string& log);
  std::optional<Credentials> credentials_for(const std::string& log) const;
  void run();
  void wait(Time until);
  void publish_statuses();

  BusOptions options_;
  Logger& logger_;
  std::string local_;
  zmq::context_t context_;
  Gate gate_;  // Before the sockets that it guards: it outlives them.
  Publisher publisher_;
  FetchServer fetch_server_;
  std::map<std::string, std::unique_ptr<Peer>> peers_;
  std::vector<std::shared_ptr<Follower>> followers_;
  bool stopping_ = false;

  Bell bell_;
  CommandQueue commands_{[this] { bell_.ring(); }};
  mutable std::mutex status_mutex_;
  std::vector<SubscriptionStatus> statuses_;
  std::thread thread_;
};

Peer& ZmqBus::peer_at(const std::string& endpoint, const std::string& log) {
  const bool here = endpoint.empty();
  const std::string target = here ? local_ : checked_endpoint(endpoint);
  auto credentials = here ? std::nullopt : credentials_for(log);
  auto& peer = peers_[target];
  if (!peer) {
    PeerOptions options{target, options_.queue_messages_max, std::move(credentials)};
    peer = std::make_unique<Peer>(context_, std::move(options), logger_);
  } else if (credentials && peer->credentials()->server_key != credentials->server_key) {
    throw Error(ErrorCode::invalid, "the publisher at " + endpoint + " has two keys in " +
                                        options_.security->allow_file + "; write \"" + log +
                                        "\" to the line that has its key");
  }
  return *peer;
}

std::optional<Credentials> ZmqBus::credentials_for(const std::string& log) const {
  if (!options_.security) return std::nullopt;
  return Credentials{options_.security->keys, options_.security->key_of(log)};
}

void ZmqBus::add(Consumer consumer) {
  auto follower = make_follower(consumer, commands_, system_clock());
  peer_at(consumer.endpoint, consumer.options.log).add(follower);
  followers_.push_back(std::move(follower));
  publish_statuses();
}

void ZmqBus::unfollow(const std::string& consumer, const std::string& log) {
  on_thread([&] {
    const auto is_it = [&](const std::shared_ptr<Follower>& follower) {
      return follower->is(consumer, log);
    };
    std::erase_if(followers_, is_it);
    for (const auto& [endpoint, peer] : peers_) peer->remove_if(is_it);
    publish_statuses();
  });
}

void ZmqBus::run() {
  while (!stopping_) {
    commands_.run();
    bool more = gate_.step(monotonic());
    more |= publisher_.answer_joins();
    for (const auto& [endpoint, peer] : peers_) more |= peer->receive_some();
    const Time now = monotonic();
    Time deadline = publisher_.step(now);
    for (const auto& [endpoint, peer] : peers_) deadline = std::min(deadline, peer->step(now));
    publish_statuses();
    if (!more) wait(deadline);
  }
  commands_.run();
}

void ZmqBus::wait(Time until) {
  std::vector<zmq::pollitem_t> items;
  items.push_back({nullptr, bell_.descriptor(), ZMQ_POLLIN, 0});
  gate_.append_poll_items(items);
  publisher_.append_poll_items(items);
  for (const auto& [endpoint, peer] : peers_) peer->append_poll_items(items);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - monotonic());
  zmq_driver::wait(items, std::max(left, std::chrono::milliseconds{0}));
  if (items.front().revents != 0) bell_.clear();
}

void ZmqBus::publish_statuses() {
  std::vector<SubscriptionStatus> statuses;
  statuses.reserve(followers_.size());
  for (const auto& follower : followers_) statuses.push_back(status_of(*follower));
  const std::lock_guard guard{status_mutex_};
  statuses_ = std::move(statuses);
}

}  // namespace

std::unique_ptr<Bus> Bus::zeromq(BusOptions options, Logger& logger) {
  return std::make_unique<ZmqBus>(std::move(options), logger);
}

}  // namespace ticketing
