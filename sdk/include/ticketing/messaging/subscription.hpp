#pragma once
// Subscription: follows one log for one consumer: joins, catches up, detects gaps, makes batches.
//
// A core: input through on_…(), output through step(); no thread, socket or clock. Not
// thread-safe: one driver owns it. It decides everything about order and loss: what comes out of
// it is every event of the wanted subjects, once, in the log's order, whatever went in.
//
// Its life: join (subscribe, last of all to a topic of its own) → hello from the publisher with the
// head, which proves that everything later arrives live → fetch what lies before → live. A gap, a
// heartbeat that is ahead, or a reconnect leads back to a fetch. One batch at a time is
// with the consumer; what arrives meanwhile makes the next, so batches grow under load.

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/messaging/replica.hpp"
#include "ticketing/messaging/subscription_input.hpp"

namespace ticketing {

/// How far a consumer has applied a log.
struct Cursor {
  std::string log_id;
  std::int64_t offset = 0;
};

/// What a consumer applies in one transaction, together with the cursor.
struct Batch {
  std::string log;
  Cursor cursor;  ///< Where the consumer stands once the batch is applied.
  std::vector<ReceivedEvent> events;
  std::int64_t horizon = 0;  ///< Events up to here come from a snapshot: versions may be missing.
  bool replay = false;       ///< Fills a replica's gap: the cursor stays, only replicas take it.
};

struct SubscriptionOptions {
  std::string log;
  std::string consumer = {};          ///< Whom the log is kept for; empty: nobody.
  std::vector<std::string> subjects;  ///< Empty: all.
  /// Events of a batch. Four times as many until it has caught up for the first time: nobody waits
  /// for the consumer's writer yet, and what shares a commit shares its syncs and its pages.
  std::size_t batch_max = 500;
  /// Events held for the consumer, and as many that miss earlier ones; more is fetched later.
  std::size_t buffer_max = 4'096;
  std::size_t buffer_bytes_max = 64 << 20;  ///< Likewise, of their envelopes.
  /// Batches that are not full come no closer together than this: under load it saves syncs, and an
  /// event that comes alone is still delivered at once.
  std::chrono::microseconds pace{0};
  std::chrono::milliseconds join_timeout{1'000};
  std::chrono::milliseconds fetch_timeout{3'000};
  std::chrono::milliseconds silence_max{3'000};  ///< No heartbeat for so long: join anew.
  /// How often the publisher is told what this consumer still needs.
  std::chrono::milliseconds report_every{1'000};
  PutBetween between = {};  ///< For tests: stands between the transport and the core.
};

class Subscription final : public SubscriptionInput {
 public:
  using Time = std::chrono::nanoseconds;  ///< Monotonic.

  /// `cursor` is the consumer's stored one; nullopt: from the beginning, whatever log it is.
  Subscription(SubscriptionOptions options, std::optional<Cursor> cursor);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  /// Where a transport says what has arrived: this core, or what was put between.
  SubscriptionInput& input() { return between_ ? *between_ : *this; }

  /// What the driver has to do, in this order.
  struct Actions {
    bool join = false;  ///< Subscribe anew: subjects first, then the join topic.
    std::optional<wire::FetchRequest> fetch;
    std::optional<wire::Report> report;
    std::shared_ptr<const Batch> deliver;  ///< Answer with on_applied() or on_apply_failed().
  };
  Actions step(Time now);
  /// When step() has to be called at the latest, if nothing arrives before.
  Time next_deadline() const { return deadline_; }

  void on_hello(const wire::Position& position) override;
  void on_beat(const wire::Position& position) override;
  void on_event(const wire::Position& position, std::string_view subject,
                std::string envelope) override;
  void on_fetched(wire::FetchAnswer answer) override;
  /// The batch that was delivered is durable.
  void on_applied();
  /// It is not: it is delivered again after `pause`.
  void on_apply_failed(Time now, std::chrono::milliseconds pause);

  /// A replica misses the versions in `gap`: they are fetched and come out as a replay batch.
  void request_replay(Gap gap);

  const SubscriptionOptions& options() const { return options_; }
  /// Of the log that is followed; empty until it is known.
  const std::string& log_id() const { return log_id_; }
  bool joined() const { return joined_; }
  /// A transport that can wait need not bring events while there is none. What closes a gap is
  /// wanted while nobody can be asked for it.
  bool has_room() const { return room() && (fits(pending_.size(), pending_bytes_) || !joined_); }
  /// Offsets by which the consumer is behind the head that was last heard of.
  std::int64_t lag() const;
  /// Joined, and everything up to the head has been applied.
  bool caught_up() const { return joined_ && !refusal_ && lag() == 0; }
  /// Caught up, and nothing is under way: no question, no batch, no gap.
  bool at_rest() const { return caught_up() && idle() && !fetch_ && gaps_.empty() && !replay_; }
  /// Why this log is not followed (any more): it is another log, or shorter than the cursor.
  const std::optional<std::string>& refusal() const { return refusal_; }
  std::int64_t applied() const { return applied_; }
  /// Up to where the log is known to be a snapshot.
  std::int64_t horizon() const { return horizon_; }

 private:
  struct Pending {
    wire::Position position;
    std::string envelope;
  };
  bool accept_log(std::string_view log_id);
  void refuse(std::string reason);
  void notice(const wire::Position& position);
  void take_pending();
  bool follows(const wire::Position& position) const;
  void take(std::int64_t offset, std::string envelope);
  void hold(ReceivedEvent event);
  void wait_for_earlier(const wire::Position& position, std::string envelope);
  void take_page(wire::FetchAnswer& answer);
  void take_replay(wire::FetchAnswer& answer);
  std::size_t batch_max() const;
  bool fits(std::size_t count, std::size_t bytes) const {
    return count < options_.buffer_max && bytes < options_.buffer_bytes_max;
  }
  bool room() const { return fits(buffer_.size(), buffer_bytes_); }
  bool wants(std::string_view subject) const;
  bool idle() const { return buffer_.empty() && !delivered_; }
  bool must_join(Time now);
  std::optional<wire::FetchRequest> make_fetch(Time now);
  std::optional<wire::Report> make_report(Time now);
  std::shared_ptr<const Batch> make_batch(Time now);

  /// A question to the publisher that is under way.
  struct Fetch {
    std::uint64_t number = 0;
    std::int64_t after = 0;
    bool replay = false;
    Time deadline{0};
  };

  SubscriptionOptions options_;
  std::string log_id_;         ///< Empty until the log is known.
  std::int64_t position_ = 0;  ///< All wanted up to here is buffered, delivered or applied.
  std::int64_t applied_ = 0;
  std::int64_t head_ = 0;
  std::int64_t horizon_ = 0;
  bool joined_ = false;
  bool was_caught_up_ = false;
  bool takes_readers_ = false;  ///< The publisher wants to know who reads.
  bool behind_ = false;         ///< Something wanted may lie between position_ and head_.
  std::optional<std::string> refusal_;
  std::deque<ReceivedEvent> buffer_;
  std::size_t buffer_bytes_ = 0;
  std::map<std::int64_t, Pending> pending_;  ///< Live events that miss earlier ones, by offset.
  std::size_t pending_bytes_ = 0;
  std::shared_ptr<const Batch> delivered_;  ///< With the consumer, or to be delivered again.
  std::optional<Time> redeliver_at_;
  std::optional<Time> next_batch_at_;    ///< Until then a batch that is not full is left to grow.
  std::deque<Gap> gaps_;                 ///< To be replayed for replicas.
  std::shared_ptr<const Batch> replay_;  ///< Fetched, to be delivered next.
  std::optional<Fetch> fetch_;
  std::uint64_t fetch_number_ = 0;
  std::optional<Time> join_deadline_;  ///< Empty: not asked yet.
  bool heard_ = false;                 ///< Anything came since the last step.
  Time heard_at_{0};
  std::optional<Time> report_at_;  ///< Empty: at once.
  std::int64_t reported_ = 0;
  Time deadline_{0};
  std::unique_ptr<SubscriptionInput> between_;
};

}  // namespace ticketing
