#pragma once
// StreamFollower: brings one subscription its events: a durable pull consumer for what is live,
// questions for what is not.
//
// All instances of a service share the durable, which is called like the service. It begins with
// what is stored after it was made; what lies before is fetched from the log. Messages are
// acknowledged once they are applied, so the server keeps what this process loses. Belongs to the
// bus's thread.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "messaging/follower.hpp"
#include "nats/api.hpp"
#include "nats/names.hpp"
#include "nats/wiring.hpp"

namespace ticketing::nats_driver {

class StreamFollower : public std::enable_shared_from_this<StreamFollower> {
 public:
  using Time = std::chrono::nanoseconds;

  StreamFollower(Wiring& wiring, std::shared_ptr<Follower> follower);

  void on_connected();
  void on_lost();
  /// Carries out what the core wants. Returns when it has to be called at the latest.
  Time step(Time now);

  Follower& follower() { return *follower_; }
  const Follower& follower() const { return *follower_; }

 private:
  static constexpr std::chrono::milliseconds kPause{100};
  static constexpr std::chrono::seconds kPullIsOverdue{2};

  // The durable: stream_follower_durable.cpp.
  void look_up_durable();
  void on_durable(const Message& answer);
  void remake_durable();
  void make_durable();
  void without_durable(std::chrono::milliseconds pause);
  api::ConsumerConfig wanted_config() const;
  Calls::Done guarded(std::function<void(const Message&)> next);

  void on_pulled(const Message& message);
  void on_status(const Message& message);
  void on_event(const Message& message);
  void keep(std::int64_t offset, const Message& message);
  void on_beat(const Message& message);
  bool is_ours(const wire::Position& position);
  void acknowledge_applied();
  void pull(Time now);
  std::string pull_inbox() const { return inbox_ + '.' + std::to_string(pull_); }
  void join();
  void ask(const wire::FetchRequest& request);
  void note_fetched(const wire::FetchAnswer& answer);
  void note_streamed(std::int64_t offset);
  Subscription& core() { return follower_->core; }
  const Subscription& core() const { return follower_->core; }

  Wiring& wiring_;
  std::shared_ptr<Follower> follower_;
  const LogNames names_;
  const std::string durable_;
  std::set<std::string, std::less<>> wanted_;  ///< NATS subjects; empty: all.

  std::unique_ptr<Connection::Interest> beats_;
  std::unique_ptr<Connection::Interest> pulled_;
  std::string inbox_;
  std::uint64_t generation_ = 0;  ///< Rises when the connection or the durable is given up.
  bool has_durable_ = false;
  bool is_looking_ = false;
  Time look_up_at_{0};

  std::uint64_t pull_ = 0;  ///< The newest.
  int to_come_ = 0;         ///< Messages that the pull under way may still bring.
  Time pull_ends_{0};
  Time pull_at_{0};
  /// Not acknowledged yet: by offset, where to say that it is applied.
  std::multimap<std::int64_t, std::string> deliveries_;
  bool wants_join_ = false;
  std::string publisher_;                  ///< Who has answered the last join.
  std::optional<Time> only_others_since_;  ///< Other logs of this name are heard, and not ours.
  std::string told_other_;

  std::int64_t streamed_to_ = 0;        ///< The newest event that came by the stream, or need not.
  std::optional<Time> is_blind_since_;  ///< What the stream has was fetched, and does not come.
};

}  // namespace ticketing::nats_driver
