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
  std::string id;            ///< Unique for ever: what consumers recognise a repetition by.
  std::string source;        ///< Who published it, as a URI reference: `/services/tickets`.
  std::string type;          ///< The subject that it travels under: `ticket:created`.
  std::string aggregate_id;  ///< CloudEvents' `subject`.
  Timestamp time;            ///< When it was committed.
  std::string log_id;        ///< The publisher's log ...
  std::int64_t offset = 0;   ///< ... and the event's place in it, from 1.
  std::int64_t version = 0;  ///< The aggregate's, after this event.
  std::optional<std::string> causation_id;  ///< The event or request that led to this one.
  std::string correlation_id;               ///< Kept from end to end of one buyer's action.
  std::optional<std::string> traceparent;   ///< W3C Trace Context.
  JsonText data;
  SpecVersion spec_version = SpecVersion::v1_0;
  DataContentType data_content_type = DataContentType::json;
  /// Not on the wire, but the reader's to say: it comes from the part of its log that may be a
  /// snapshot, and versions before it may be gone for good.
  bool from_snapshot = false;

  static constexpr std::array kFields{
      field<&Envelope::spec_version>("specversion"),
      field<&Envelope::id>("id", Rule::id()),
      field<&Envelope::source>("source", Rule::text(1, 256)),
      field<&Envelope::type>("type", Rule::text(1, 128)),
      field<&Envelope::aggregate_id>("subject", Rule::id()),
      field<&Envelope::time>("time"),
      field<&Envelope::data_content_type>("datacontenttype"),
      field<&Envelope::log_id>("logid", Rule::id()),
      field<&Envelope::offset>("offset", detail::at_least(1)),
      field<&Envelope::version>("aggregateversion", detail::at_least(0)),
      field<&Envelope::causation_id>("causationid", Rule::text(1, 128)),
      field<&Envelope::correlation_id>("correlationid", Rule::text(1, 128)),
      field<&Envelope::traceparent>("traceparent", Rule::text(1, 256)),
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
