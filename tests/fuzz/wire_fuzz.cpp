// Lines and frames of the wire: what is read is read again from what is written of it, and means
// the same. The first byte chooses; the frames of an answer stand on lines of their own.

#include "fuzz/target.hpp"
#include "ticketing/messaging/wire.hpp"

namespace ticketing::fuzz {
namespace {

/// What `decode` reads, or nullopt. Only here may it refuse: what was written must be readable.
template <class Decode>
auto read(Decode decode) -> std::optional<decltype(decode())> {
  std::optional<decltype(decode())> message;
  const auto error = error_of([&] { message = decode(); });
  TICKETING_ASSERT(!error || error->code() == ErrorCode::invalid);
  return message;
}

void check_position(std::string_view line) {
  const auto read_position = read([&] { return wire::decode_position(line); });
  if (!read_position) return;
  const wire::Position& position = *read_position;
  TICKETING_ASSERT(!position.log.empty() && !position.log_id.empty() && !position.fetch.empty());
  TICKETING_ASSERT(position.offset >= 0 && position.floor >= 0);
  TICKETING_ASSERT(position.last_of({}, false) == position.offset);
  TICKETING_ASSERT(position.last_of({"a b"}, true) == position.floor);  // No subject has a blank.
  for (const auto& [subject, last] : position.last) {
    TICKETING_ASSERT(position.last_of({subject}, true) >= last);
  }
  const std::string written = wire::encode(position);
  const wire::Position again = wire::decode_position(written);
  TICKETING_ASSERT(again.log == position.log && again.log_id == position.log_id);
  TICKETING_ASSERT(again.offset == position.offset && again.fetch == position.fetch);
  TICKETING_ASSERT(again.floor == position.floor && again.last == position.last);
}

void check_request(std::string_view line) {
  const auto read_request = read([&] { return wire::decode_fetch_request(line); });
  if (!read_request) return;
  const wire::FetchRequest& request = *read_request;
  TICKETING_ASSERT(!request.log.empty());
  for (const std::string& subject : request.query.subjects) TICKETING_ASSERT(!subject.empty());
  TICKETING_ASSERT(request.query.count_max > 0);
  TICKETING_ASSERT(request.query.after >= 0 && request.query.until >= 0);
  const wire::FetchRequest again = wire::decode_fetch_request(wire::encode(request));
  TICKETING_ASSERT(again.number == request.number && again.log == request.log);
  TICKETING_ASSERT(again.log_id == request.log_id && again.query.after == request.query.after);
  TICKETING_ASSERT(again.query.until == request.query.until);
  TICKETING_ASSERT(again.query.count_max == request.query.count_max);
  TICKETING_ASSERT(again.query.subjects == request.query.subjects);
  TICKETING_ASSERT(again.reader.has_value() == request.reader.has_value());
  if (!request.reader) return;
  TICKETING_ASSERT(again.reader->consumer == request.reader->consumer);
  TICKETING_ASSERT(again.reader->cursor == request.reader->cursor);
}

void check_events(const wire::FetchAnswer& answer) {
  TICKETING_ASSERT(!answer.log.empty() && !answer.log_id.empty());
  std::int64_t before = 0;
  for (const ReceivedEvent& event : answer.events) {
    TICKETING_ASSERT(event.offset > before && event.offset <= answer.covered_to);
    before = event.offset;
  }
}

void check_answer(std::string_view text) {
  const auto read_answer = read([&] { return wire::decode_fetch_answer(split(text, '\n')); });
  if (!read_answer) return;
  const wire::FetchAnswer& answer = *read_answer;
  if (answer.error.empty()) check_events(answer);
  const wire::FetchAnswer again = wire::decode_fetch_answer(wire::encode(answer));
  TICKETING_ASSERT(again.number == answer.number && again.error == answer.error);
  TICKETING_ASSERT(again.log == answer.log && again.log_id == answer.log_id);
  TICKETING_ASSERT(again.covered_to == answer.covered_to && again.head == answer.head);
  const auto same = [](const ReceivedEvent& a, const ReceivedEvent& b) {
    return a.offset == b.offset && a.envelope == b.envelope;
  };
  TICKETING_ASSERT(std::equal(answer.events.begin(), answer.events.end(), again.events.begin(),
                              again.events.end(), same));
}

constexpr void (*kChecks[])(std::string_view) = {&check_position, &check_request, &check_answer};

}  // namespace

void check(std::string_view input) {
  const std::size_t kind = take_byte(input);
  kChecks[kind % std::size(kChecks)](input);
}

}  // namespace ticketing::fuzz
