#pragma once
// LogPublisher: brings one log into its stream, and says where the log stands.
//
// The log is the truth; the stream is a copy that remembers. Each event is stored only if the
// stream ends where we believe it does (Nats-Expected-Last-Sequence), so the stream has the log's
// order without holes or doubles, whoever else publishes. Whatever goes wrong leads to the same:
// look where the stream ends, and go on from there, from the log. A stream that is new or was
// emptied begins with what consumers still need. A stream that holds another log is left alone.
// Belongs to the bus's thread.

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nats/api.hpp"
#include "nats/entry_queue.hpp"
#include "nats/names.hpp"
#include "nats/wiring.hpp"
#include "ticketing/messaging/relay.hpp"

namespace ticketing::nats_driver {

class LogPublisher {
 public:
  using Time = std::chrono::nanoseconds;

  LogPublisher(Wiring& wiring, const HostedLog& log, std::string ack_token,
               std::chrono::milliseconds beat);

  void lead(bool leads);
  void committed(std::vector<LogEntry> entries);
  /// A consumer needs nothing up to its cursor any more.
  void heard(const wire::Reader& reader);
  /// There is a connection, another one than before.
  void on_connected();
  void on_lost();
  /// `generation` is the last token of the subject that the answer came to.
  void on_acknowledged(std::string_view generation, const Message& answer);
  void on_join(std::string reply);
  /// Publishes and beats. Returns when it has to be called at the latest.
  Time step(Time now);

  const LogNames& names() const { return names_; }
  const std::string& log_id() const { return id_; }
  std::int64_t head() const { return head_; }
  const std::string& ack_token() const { return ack_token_; }
  /// The stream has it all.
  bool at_rest() const {
    return !leads_ ||
           (stage_ == Stage::live && in_flight_.empty() && queue_.empty() && queued_to_ >= head_);
  }
  /// What keeps it from publishing; empty: nothing.
  const std::string& trouble() const { return trouble_; }

 private:
  enum class Stage { idle, looking, live };
  struct InFlight {
    LogEntry entry;  ///< Without the envelope.
    std::int64_t sequence = 0;
    bool is_skipped = false;
  };

  // Where the stream ends: log_publisher_resync.cpp.
  void learn_head();
  void resync();
  void again(const std::string& reason, bool is_lasting = true);
  void fail(std::string trouble);
  Calls::Done guarded(std::function<void(const Message&)> next);
  void on_stream(const Message& answer);
  void create_stream();
  void use_stream(const api::StreamAnswer& stream);
  void begin(const api::StreamState& state);
  void ask_for_newest(std::int64_t sequence, std::int64_t deleted);
  void on_newest(const Message& message);
  void begin_after(std::int64_t offset);
  void look_at_stream();
  std::int64_t needed_after() const;

  void ask_for_page();
  void on_page(const LogPage& page);
  void pump(Time now);
  void publish(LogEntry entry);
  void advance();
  void beat(Time now);
  wire::Position head_position() const;
  wire::Position position() const;
  bool runs() const { return leads_ && wiring_.connection != nullptr; }

  Wiring& wiring_;
  const std::string log_;
  const std::string id_;
  const LogNames names_;
  const std::string ack_token_;
  const std::chrono::milliseconds beat_every_;

  bool leads_ = true;
  Stage stage_ = Stage::idle;
  std::uint64_t generation_ = 0;  ///< Answers to what was asked before the last resync are stale.
  Time retry_at_{0};
  Time learn_at_{0};  ///< The head, again.
  int failures_ = 0;  ///< In a row.
  std::string trouble_;
  std::string told_trouble_;

  std::int64_t head_ = 0;       ///< Of the log, as far as we know.
  bool knows_head_ = false;     ///< It was looked up since we lead, and the log can be read.
  std::int64_t queued_to_ = 0;  ///< All up to here has been queued, or needs not to be.
  EntryQueue queue_;
  bool page_asked_ = false;

  std::int64_t stream_end_ = 0;      ///< The sequence of the newest message that is acknowledged.
  std::int64_t next_sequence_ = 0;   ///< Of the next message.
  std::int64_t without_ids_to_ = 0;  ///< Offsets that the stream would take for repetitions.
  std::deque<InFlight> in_flight_;
  Time ack_deadline_{0};
  Time look_at_{0};
  Relay relay_;  ///< At what was sent last.
  Relay acknowledged_;

  Headers said_by_;  ///< So that consumers see that another process speaks, or anew.
  Time next_beat_{0};
  std::string next_beat_line_;
  std::vector<std::string> joining_;  ///< Whom to answer once the head is known.
  std::map<std::string, std::int64_t> readers_;
};

}  // namespace ticketing::nats_driver
