// An envelope that is read is read again from what is written of it, its data byte for byte; the
// line that ticketctl prints of it stays one line, whatever the event says.

#include "event_line.hpp"
#include "fuzz/target.hpp"
#include "table.hpp"
#include "ticketing/events/envelope.hpp"

namespace ticketing::fuzz {
namespace {

void check_lines(const Envelope& envelope) {
  const TailedEvent event{envelope.source, envelope};
  for (const std::string& line : {cli::event_line(event), cli::brief_event_line(event)}) {
    TICKETING_ASSERT(is_utf8(line) && cli::printable(line) == line);
  }
}

void check_attributes(const Envelope& envelope) {
  TICKETING_ASSERT(!envelope.id.empty() && !envelope.type.empty() && !envelope.log_id.empty());
  TICKETING_ASSERT(envelope.offset >= 1 && envelope.version >= 0);
  TICKETING_ASSERT(!envelope.data.text.empty() && is_utf8(envelope.data.text));
}

}  // namespace

void check(std::string_view input) {
  std::optional<Envelope> envelope;
  if (const auto error = error_of([&] { envelope = decode_envelope(input); })) {
    TICKETING_ASSERT(error->code() == ErrorCode::invalid);
    return;
  }
  check_attributes(*envelope);
  const std::string written = encode(*envelope);
  const Envelope again = decode_envelope(written);
  TICKETING_ASSERT(again.data == envelope->data);
  TICKETING_ASSERT(encode(again) == written);
  check_lines(*envelope);
}

}  // namespace ticketing::fuzz
