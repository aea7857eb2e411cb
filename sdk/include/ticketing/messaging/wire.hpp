#pragma once
// The wire format over ZeroMQ, as docs/reference/wire.md describes it for other languages.
//
// Live (PUB/SUB), a message is [topic][position][CloudEvents JSON]; control messages are
// [topic][position]… with one position per log that the publisher hosts. A position is a line:
//
//     v1 <log> <log id> <offset> <fetch endpoint> *=<floor> <subject>=<last> …
//
// `last` is the offset of the newest event of that subject before this message; subjects that are
// not listed have none past `floor`. So a subscriber to any set of subjects can tell exactly
// whether it missed one. Catching up (DEALER/ROUTER), a request is one frame
//
//     v1 fetch <number> <log> <log id> <after> <until> <count> ~reader=<consumer>@<cursor>
//     <subject>…
//
// and its answer [v1 events <number> <log> <log id> <covered to> <head> ~horizon=<horizon>
// <offset>…][CloudEvents JSON]… or [v1 error <number> <word> <message>]. A report is one frame
//
//     v1 report <log> <log id> <consumer> <cursor>
//
// without an answer. Words with a `~` stand only between programs that both know them: publishers
// that do say `~reader=1` in control messages. Between words stands one blank; offsets rise and are
// covered. Pure functions: any thread.
// Decoding throws Error(invalid).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/messaging/event_log.hpp"

namespace ticketing::wire {

using Frames = std::vector<std::string>;

inline constexpr std::string_view kBeatTopic = "~beat";
/// The rest of the topic is the subscriber's nonce. Sorts behind every subject, so that libzmq,
/// which re-sends subscriptions in order after a reconnect, sends it last.
inline constexpr std::string_view kJoinTopic = "~join/";

struct Position {
  std::string log;
  std::string log_id;
  std::int64_t offset = 0;  ///< Of the event; in control messages, the head.
  std::string fetch;  ///< `tcp://*:7202` (`*`: the host of the live endpoint), `inproc://…`.
  std::int64_t floor = 0;
  std::vector<std::pair<std::string, std::int64_t>> last;
  bool takes_readers = false;  ///< In control messages: the publisher knows Reader and Report.

  /// The newest offset among `subjects` before this message; empty `subjects` means all.
  std::int64_t last_of(const std::vector<std::string>& subjects, bool is_event) const;
};

std::string encode(const Position& position);
Position decode_position(std::string_view line);

/// Who asks, and that it can read a log whose beginning is a snapshot.
struct Reader {
  std::string consumer;     ///< Empty: nobody whom the log has to wait for.
  std::int64_t cursor = 0;  ///< It needs nothing up to here any more.
};

struct FetchRequest {
  std::uint64_t number = 0;
  std::string log;
  std::string log_id;  ///< `-` when the subscriber does not know it yet.
  LogQuery query;
  std::optional<Reader> reader = {};
};
std::string encode(const FetchRequest& request);
FetchRequest decode_fetch_request(std::string_view line);

/// What a consumer says unasked, now and then.
struct Report {
  std::string log;
  std::string log_id;
  Reader reader;
};
bool is_report(std::string_view line);
std::string encode(const Report& report);
Report decode_report(std::string_view line);

struct FetchAnswer {
  std::uint64_t number = 0;
  std::string log;
  std::string log_id;
  std::int64_t covered_to = 0;
  std::int64_t head = 0;
  std::vector<ReceivedEvent> events;
  std::string error;                         ///< Not empty: nothing else but `number` counts.
  std::optional<std::int64_t> horizon = {};  ///< Of the log; only to who has asked as a Reader.
};
Frames encode(FetchAnswer answer);
FetchAnswer decode_fetch_answer(Frames frames);

}  // namespace ticketing::wire
