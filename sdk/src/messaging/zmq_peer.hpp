#pragma once
// Peer: one publisher's process as a subscriber sees it: a SUB socket for what is live, a DEALER
// for what is fetched, and the subscriptions that follow logs there. Belongs to one thread.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "ticketing/core/log.hpp"
#include "ticketing/core/random.hpp"
#include "ticketing/messaging/subscription.hpp"

namespace ticketing::zmq_driver {

/// A subscription core and where its batches go.
struct Follower {
  Follower(std::string consumer_name, SubscriptionOptions options, std::optional<Cursor> cursor)
      : consumer(std::move(consumer_name)), core(std::move(options), std::move(cursor)) {}
  std::string consumer;
  Subscription core;
  std::function<void(std::shared_ptr<const Batch>)> deliver;
};

class Peer {
 public:
  using Time = Subscription::Time;

  Peer(zmq::context_t& context, std::string endpoint, int queue_messages_max, Logger& logger);

  void add(std::shared_ptr<Follower> follower) { followers_.push_back(std::move(follower)); }
  const std::vector<std::shared_ptr<Follower>>& followers() const { return followers_; }
  /// Called for each log that the publisher hosts and nobody follows yet: may add() a follower.
  std::function<void(const wire::Position&)> on_new_log;
  const std::string& endpoint() const { return endpoint_; }

  /// Subscribes to these subjects (empty: all) beside those of the followers.
  void want(std::vector<std::string> subjects) {
    wanted_ = std::move(subjects);
    wants_any_ = true;
  }

  void append_poll_items(std::vector<zmq::pollitem_t>& items);
  /// Takes in what has arrived, a bounded amount; true when more may wait.
  bool receive_some();
  /// Carries out what the cores want. Returns when it has to be called at the latest.
  Time step(Time now);

 private:
  void join();
  void on_live(wire::Frames message);
  void on_positions(const wire::Frames& message, bool is_hello);
  void on_answer(wire::Frames message);
  void ask(Follower& follower, const wire::FetchRequest& request);
  void connect_fetch(const std::string& announced);

  zmq::context_t& context_;
  std::string endpoint_;
  Logger& logger_;
  zmq::socket_t live_;
  std::optional<zmq::socket_t> fetch_;
  std::string fetch_endpoint_;
  std::string join_topic_;
  std::vector<std::string> wanted_;
  bool wants_any_ = false;
  std::vector<std::shared_ptr<Follower>> followers_;
  /// Requests are numbered anew per peer, since several cores share the socket.
  std::map<std::uint64_t, std::pair<std::weak_ptr<Follower>, std::uint64_t>> asked_;
  std::uint64_t next_number_ = 0;
};

}  // namespace ticketing::zmq_driver
