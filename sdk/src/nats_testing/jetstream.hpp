#pragma once
// JetStream: streams and durable consumers of a simulated server, and what becomes of them when it
// loses power. No network and no time of its own; one thread.
//
// As the server does (docs.nats.io "JetStream", and the behaviour of nats-server 2.9): a message is
// refused where the stream does not end as its publisher expects; a message id counts for the
// duplicate window; a durable's message comes again until it is acknowledged. What it promises to
// nobody, it does not do either: the order of deliveries, one delivery each, and the end of a
// stream that was acknowledged and not synced.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nats/api.hpp"
#include "nats_testing/packet.hpp"
#include "ticketing/testing/faults.hpp"
#include "ticketing/testing/seeded_random.hpp"

namespace ticketing::testing {

/// What is not as one would like it, whatever the network does; the first three per mille.
struct Disorder {
  unsigned out_of_turn = 30;
  unsigned twice = 10;
  unsigned unacknowledged = 5;
  std::chrono::nanoseconds sync_max{1'500'000'000};  ///< Between two syncs of all.
  /// Of what a durable asks for.
  std::chrono::nanoseconds ack_wait_max{std::chrono::hours{1}};
  std::int64_t unacked_max = 1'000'000;
};

class JetStream {
 public:
  using Time = std::chrono::nanoseconds;
  using Send = std::function<void(Packet packet)>;
  using IsHeard = std::function<bool(const std::string& subject)>;
  /// Told of what is to be stored; `last` is the message before it, or null.
  using OnStore = std::function<void(const Packet* last, const Packet& packet)>;

  /// `send` takes what goes to clients; `is_heard` says whether anybody would hear it.
  JetStream(std::uint64_t seed, const NetworkFaults& faults, Disorder disorder, Send send,
            IsHeard is_heard, OnStore on_store)
      : random_(seed),
        faults_(faults),
        disorder_(disorder),
        send_(std::move(send)),
        is_heard_(std::move(is_heard)),
        on_store_(std::move(on_store)) {}

  /// False when it is no concern of JetStream's.
  bool take(const Packet& packet, Time now);
  /// Tells pulls that their time is over, and delivers again what was not acknowledged. Returns
  /// when it has to be called at the latest.
  Time step(Time now);

  /// The process ends; what it has written stays.
  void die();
  /// What was acknowledged since the last sync may be gone.
  void lose_power();

  // What a person does with the server's tools.
  std::vector<std::string> names() const;
  void delete_stream(const std::string& name);
  /// All, or some of the newest.
  void purge(const std::string& name, bool all);
  void delete_durables(const std::string& name);

 private:
  struct Durable {
    nats_driver::api::ConsumerConfig config;
    std::int64_t next = 0;                 ///< Sequences before it are queued, or were.
    std::deque<std::int64_t> queue;        ///< To be delivered.
    std::map<std::int64_t, Time> unacked;  ///< Delivered, and when again.
  };
  struct Stream {
    nats_driver::api::StreamConfig config;
    std::map<std::int64_t, std::shared_ptr<const Packet>> messages;
    std::int64_t last = 0;
    std::map<std::string, Durable> durables;
    struct Known {
      std::int64_t sequence;
      Time until;
    };
    std::map<std::string, Known, std::less<>> ids;
  };
  struct Pull {
    std::string reply;
    std::int64_t left;
    Time ends;
  };
  using Streams = std::map<std::string, Stream>;

  void answer(const Packet& question, Time now);
  std::string stream_call(const std::string& call, const std::string& name, std::string_view body);
  std::string durable_call(const std::string& call, const std::string& stream,
                           const std::string& durable, std::string_view body);
  Packet stored(const std::string& stream, const Packet& question) const;
  void pull(const Packet& question, const std::vector<std::string>& tokens, Time now);
  void store(Stream& stream, const Packet& packet, Time now);
  std::string try_to_store(Stream& stream, const Packet& packet, Time now);
  void acknowledge(const std::string& subject);
  void deliver(const std::string& name, Time now);
  void deliver_to(const std::string& stream, const std::string& durable, Time now);
  Time ack_wait(const Durable& durable) const;
  void end_pulls(const std::string& stream, const std::string& durable);
  void sync_by_chance(Time now);
  static void forget_gone(const Stream& stream, Durable& durable);
  static void queue_new(Stream& stream, Durable& durable);
  void roll_back(const std::string& name, Stream& stream);

  SeededRandom random_;
  const NetworkFaults& faults_;
  const Disorder disorder_;
  Send send_;
  IsHeard is_heard_;
  OnStore on_store_;
  Streams streams_;
  Streams synced_;
  Time sync_at_{0};
  std::map<std::pair<std::string, std::string>, std::deque<Pull>> pulls_;  ///< By stream, durable.
  std::uint64_t deliveries_ = 0;
};

}  // namespace ticketing::testing
