#include "nats/event_message.hpp"

#include <charconv>

#include "ticketing/core/error.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/events/envelope.hpp"

namespace ticketing::nats_driver {

namespace {

constexpr const char* kContentType = "content-type";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kStructured = "application/cloudevents+json";
constexpr const char* kType = "ce-type";
constexpr std::string_view kDigits = "0123456789ABCDEF";

[[noreturn]] void malformed(const std::string& what) {
  throw Error(ErrorCode::invalid, "a message that is no event of this system: " + what);
}

/// As CloudEvents' binding for NATS says: what is not visible ASCII, and `"` and `%`, as `%` and
/// two digits.
std::string encoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c > ' ' && c <= '~' && c != '"' && c != '%') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out;
}

std::string decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const char* const first = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(first, first + 2, value, 16).ptr != first + 2) {
      malformed("a header with a broken %");
    }
    out += static_cast<char>(value);
    i += 2;
  }
  if (!is_utf8(out)) malformed("a header that is not UTF-8");
  return out;
}

std::string required(const GetHeader& header, const char* name) {
  const auto value = header(name);
  if (!value) malformed(std::string{"without the header "} + name);
  return decoded(*value);
}

std::optional<std::string> optional(const GetHeader& header, const char* name) {
  const auto value = header(name);
  return value ? std::optional{decoded(*value)} : std::nullopt;
}

std::int64_t number(const GetHeader& header, const char* name) {
  const std::string text = required(header, name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) malformed(name);
  return value;
}

Headers headers_of(const Envelope& event) {
  Headers headers{{"ce-specversion", "1.0"},
                  {"ce-id", encoded(event.id)},
                  {"ce-source", encoded(event.source)},
                  {kType, encoded(event.type)},
                  {"ce-subject", encoded(event.aggregate_id)},
                  {"ce-time", to_text(event.time)},
                  {"ce-logid", encoded(event.log_id)},
                  {"ce-offset", std::to_string(event.offset)},
                  {"ce-aggregateversion", std::to_string(event.version)},
                  {"ce-correlationid", encoded(event.correlation_id)},
                  {kContentType, std::string{kJson}}};
  if (event.causation_id) headers.emplace_back("ce-causationid", encoded(*event.causation_id));
  if (event.traceparent) headers.emplace_back("ce-traceparent", encoded(*event.traceparent));
  return headers;
}

Envelope envelope_of(const GetHeader& header, std::string_view body) {
  if (header("ce-specversion") != "1.0") malformed("of another CloudEvents version");
  Envelope event;
  event.id = required(header, "ce-id");
  event.source = required(header, "ce-source");
  event.type = required(header, kType);
  event.aggregate_id = required(header, "ce-subject");
  const auto time = parse_timestamp(required(header, "ce-time"));
  if (!time) malformed("ce-time");
  event.time = *time;
  event.log_id = required(header, "ce-logid");
  event.offset = number(header, "ce-offset");
  event.version = number(header, "ce-aggregateversion");
  event.correlation_id = required(header, "ce-correlationid");
  event.causation_id = optional(header, "ce-causationid");
  event.traceparent = optional(header, "ce-traceparent");
  if (body.empty()) malformed("without data");
  event.data.text = body;
  return event;
}

std::optional<Envelope> read_back(const std::string& envelope) {
  try {
    Envelope event = decode_envelope(envelope);
    if (encode(event) == envelope) return event;
  } catch (const Error&) {
    // Whoever consumes it keeps it as a dead letter, with the reason.
  }
  return std::nullopt;
}

}  // namespace

EventMessage to_message(std::string position, std::string_view subject, std::string envelope) {
  EventMessage message;
  if (auto event = read_back(envelope)) {
    message.headers = headers_of(*event);
    message.id = std::move(event->id);
    message.body = std::move(event->data.text);
  } else {
    message.headers = {{kType, encoded(subject)}, {kContentType, std::string{kStructured}}};
    message.body = std::move(envelope);
  }
  message.headers.emplace_back(kPositionHeader, std::move(position));
  return message;
}

wire::Position position_of(const GetHeader& header) {
  const auto line = header(kPositionHeader);
  if (!line) malformed(std::string{"without the header "} + kPositionHeader);
  return wire::decode_position(*line);
}

CarriedEvent from_message(const GetHeader& header, std::string_view body) {
  CarriedEvent carried{position_of(header), required(header, kType), {}};
  if (header(kContentType) == kStructured) {
    carried.envelope = body;
  } else {
    carried.envelope = encode(envelope_of(header, body));
  }
  return carried;
}

}  // namespace ticketing::nats_driver
