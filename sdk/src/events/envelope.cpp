#include "ticketing/events/envelope.hpp"

namespace ticketing {
namespace {

// Room for the attributes beside the data; their rules keep them well below it.
constexpr std::size_t kAttributeBytesMax = 16 << 10;

void check_size(const Envelope& envelope) {
  if (envelope.data.text.size() <= kEventDataBytesMax) return;
  throw Error(ErrorCode::invalid,
              "data must be at most " + std::to_string(kEventDataBytesMax) + " bytes", "too_large");
}

}  // namespace

std::string encode(const Envelope& envelope) {
  constexpr std::size_t kAttributeBytesUsual = 640;
  TICKETING_ASSERT(!envelope.data.text.empty());
  check_size(envelope);
  std::string out;
  out.reserve(kAttributeBytesUsual + envelope.data.text.size());
  append_json(out, record_of<Envelope>(), &envelope);
  return out;
}

Envelope decode_envelope(std::string_view json) {
  auto envelope = from_json<Envelope>(json, {.bytes_max = kEventDataBytesMax + kAttributeBytesMax});
  check_size(envelope);
  return envelope;
}

}  // namespace ticketing
