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

#include "messaging/follower.hpp"
#include "messaging/zmq_connection.hpp"
#include "ticketing/core/log.hpp"
#include "ticketing/core/random.hpp"
#include "ticketing/messaging/subscription.hpp"

namespace ticketing::zmq_driver {

struct PeerOptions {
  std::string endpoint;
  int queue_messages_max = 0;
  std::optional<Credentials> credentials;  ///< Empty: in the clear.
};

class Peer {
 public:
  using Time = Subscription::Time;

  Peer(zmq::context_t& context, PeerOptions options, Logger& logger);

  void add(std::shared_ptr<Follower> follower) { followers_.push_back(std::move(follower)); }
  /// Its subscriptions stay: events that nobody wants any more cost little, and seldom come.
  void remove_if(const std::function<bool(const std::shared_ptr<Follower>&)>& condition) {
    std::erase_if(followers_, condition);
  }
  const std::vector<std::shared_ptr<Follower>>& followers() const { return followers_; }
  /// Called for each log that the publisher hosts and nobody follows yet: may add() a follower.
  std::function<void(const wire::Position&)> on_new_log;
  const std::string& endpoint() const { return options_.endpoint; }
  const Credentials* credentials() const {
    return options_.credentials ? &*options_.credentials : nullptr;
  }
  /// Why there is no speaking to the publisher; empty: nothing is known to be wrong.
  std::string trouble() const;

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
  /// A question that is under way.
  struct Asked {
    std::weak_ptr<Follower> follower;
    std::uint64_t number = 0;             ///< The core's own.
    std::optional<wire::Position> hello;  ///< The core is told once it may read what it wants.
  };

  Connection connect(zmq::socket_type type, const std::string& endpoint) const;
  void notice();
  void join();
  void on_live(wire::Frames message);
  void on_positions(const wire::Frames& message, bool is_hello);
  void on_hello(Follower& follower, const wire::Position& position);
  void on_answer(wire::Frames message);
  void ask(Follower& follower, const wire::FetchRequest& request,
           std::optional<wire::Position> hello = std::nullopt);
  void connect_fetch(const std::string& announced);

  zmq::context_t& context_;
  PeerOptions options_;
  Logger& logger_;
  Connection live_;
  std::optional<Connection> fetch_;
  std::string join_topic_;
  std::vector<std::string> wanted_;
  bool wants_any_ = false;
  std::vector<std::shared_ptr<Follower>> followers_;
  /// Requests are numbered anew per peer, since several cores share the socket.
  std::map<std::uint64_t, Asked> asked_;
  std::uint64_t next_number_ = 0;
};

}  // namespace ticketing::zmq_driver
