#pragma once
// Envelope: an event on its way, in CloudEvents 1.0 structured mode (JSON).
//
// Two words mean different things here and there. The *subject* of this system, the name that an
// event travels under (`ticket:created`), is CloudEvents' `type`; CloudEvents' `subject` is the
// thing that the event is about: the aggregate's id. Members have the names of this system where
// the two differ. Own attributes are extensions, whose names CloudEvents wants in lower case; its
// Integer has 32 bits, so a strict foreign reader must take `offset` as the 64-bit number it is.
//
// Plain values and pure functions: any thread may use them. Throws Error(invalid) for what is
// malformed, and with the word `too_large` for data over kEventDataBytesMax.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/core/json.hpp"
#include "ticketing/events/events.hpp"

namespace ticketing {

inline constexpr std::size_t kEventDataBytesMax = 1 << 20;

/// The attributes that always say the same. Another value is refused when read.
enum class SpecVersion { v1_0 };
enum class DataContentType { json };
inline constexpr std::array<std::string_view, 1> kSpecVersionNames{"1.0"};
inline constexpr std::array<std::string_view, 1> kDataContentTypeNames{"application/json"};
constexpr NameTable name_table(SpecVersion) { return kSpecVersionNames; }
constexpr NameTable name_table(DataContentType) { return kDataContentTypeNames; }

namespace detail {
constexpr Rule at_least(std::int64_t value_min) {
  Rule rule;
  rule.value_min = value_min;
  return rule;
}
}  // namespace detail

struct Envelope {
  std::string id;
  std::string source;
  std::string type;
  std::string aggregate_id;
  Timestamp time;
  std::string log_id;
  std::int64_t offset = 0;
  std::int64_t version = 0;
  std::optional<std::string> causation_id;
  std::string correlation_id;
  std::optional<std::string> traceparent;
  JsonText data;
  SpecVersion spec_version = SpecVersion::v1_0;
  DataContentType data_content_type = DataContentType::json;
  /// Not on the wire, but the reader's to say: it comes from the part of its log that may be a
  /// snapshot, and versions before it may be gone for good.
  bool from_snapshot = false;

  static constexpr std::array kFields{
      field<&Envelope::spec_version>("specversion"),
      field<&Envelope::id>("id", Rule::id())
          .means("unique for ever: what consumers know a repetition by"),
      field<&Envelope::source>("source", Rule::text(1, 256))
          .means("who published it, as a URI reference"),
      field<&Envelope::type>("type", Rule::text(1, 128)).means("the subject that it travels under"),
      field<&Envelope::aggregate_id>("subject", Rule::id())
          .means("what the event is about: the aggregate's id"),
      field<&Envelope::time>("time").means("when it was written to the log"),
      field<&Envelope::data_content_type>("datacontenttype"),
      field<&Envelope::log_id>("logid", Rule::id()).means("the id of the publisher's log"),
      field<&Envelope::offset>("offset", detail::at_least(1))
          .means("its place in that log, from 1"),
      field<&Envelope::version>("aggregateversion", detail::at_least(0))
          .means("the aggregate's version after this event"),
      field<&Envelope::causation_id>("causationid", Rule::text(1, 128))
          .means("the event or request that led to this one"),
      field<&Envelope::correlation_id>("correlationid", Rule::text(1, 128))
          .means("the same from a user's request to the last event that it leads to"),
      field<&Envelope::traceparent>("traceparent", Rule::text(1, 256)).means("W3C Trace Context"),
      field<&Envelope::data>("data"),
  };
};

/// Requires: the data is one JSON value.
std::string encode(const Envelope& envelope);
Envelope decode_envelope(std::string_view json);

/// The typed data. Requires: the caller has told the type by `envelope.type`; data of another type
/// is refused only when its fields do not fit.
template <Event E>
E data_of(const Envelope& envelope) {
  return from_json<E>(envelope.data.text, {.bytes_max = kEventDataBytesMax});
}

}  // namespace ticketing
