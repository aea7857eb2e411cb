#include "http/head.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "http/text.hpp"

namespace ticketing::http {
namespace {

constexpr Refusal kBadLength{400, "Invalid Content-Length", "invalid_content_length"};
constexpr Refusal kBadHost{400, "Exactly one Host header is needed", "invalid_host"};
constexpr Refusal kNoLength{411, "Content-Length is required", "length_required"};
constexpr Refusal kTooLarge{413, "Body is too large", "body_too_large"};
constexpr Refusal kEncoded{415, "Compressed bodies are not accepted", "unsupported_encoding"};

struct Field {
  std::string_view name;
  std::string_view value;
};

/// The next line without its CRLF.
std::string_view take_line(std::string_view& rest) {
  const std::string_view line = take_until(rest, '\n');
  return line.substr(0, line.size() - 1);
}

bool is_control(char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }

std::optional<Field> split_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const Field field{line.substr(0, colon), trimmed(line.substr(colon + 1))};
  const bool clean = std::none_of(field.value.begin(), field.value.end(),
                                  [](char c) { return is_control(c) && c != '\t'; });
  if (!clean || !is_token(field.name)) return std::nullopt;
  return field;
}

/// Collects what the fields say about framing, then decides.
class FramingFields {
 public:
  explicit FramingFields(bool http_1_0) : http_1_0_(http_1_0) {}

  void note(const Field& field) {
    const auto is = [&](std::string_view name) { return same_ignoring_case(field.name, name); };
    if (is("Host")) ++hosts_;
    if (is("Content-Length")) {
      ++lengths_;
      length_ = field.value;
    }
    if (is("Transfer-Encoding")) chunked_ = true;
    if (is("Content-Encoding") && !same_ignoring_case(field.value, "identity")) encoded_ = true;
    if (is("Connection") && list_has(field.value, "close")) close_ = true;
    if (is("Expect") && same_ignoring_case(field.value, "100-continue")) expects_ = true;
  }

  std::variant<Framing, Refusal> decide(std::size_t body_bytes_max) const {
    if (hosts_ > 1 || (hosts_ == 0 && !http_1_0_)) return kBadHost;
    if (lengths_ > 1 || (lengths_ == 1 && chunked_)) return kBadLength;
    if (chunked_) return kNoLength;
    if (encoded_) return kEncoded;
    Framing framing{0, !close_ && !http_1_0_, expects_ && !http_1_0_};
    if (lengths_ == 0) return framing;
    const bool digits = !length_.empty() && length_.find_first_not_of("0123456789") == length_.npos;
    if (!digits) return kBadLength;
    const auto end = length_.data() + length_.size();
    const auto read = std::from_chars(length_.data(), end, framing.body_bytes);
    if (read.ec != std::errc{} || framing.body_bytes > body_bytes_max) return kTooLarge;
    return framing;
  }

 private:
  bool http_1_0_;
  int hosts_ = 0;
  int lengths_ = 0;
  std::string_view length_;
  bool chunked_ = false;
  bool encoded_ = false;
  bool close_ = false;
  bool expects_ = false;
};

/// Two blanks, a version that is ours, nothing invisible, no fragment (which a client keeps to
/// itself). cpp-httplib looks into the rest.
bool is_request_line(std::string_view line) {
  return std::count(line.begin(), line.end(), ' ') == 2 && !line.starts_with(' ') &&
         std::none_of(line.begin(), line.end(), is_control) &&
         line.find("  ") == std::string_view::npos && line.find('#') == std::string_view::npos &&
         (line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0"));
}

}  // namespace

std::variant<Framing, Refusal> check_head(std::string_view head, std::size_t body_bytes_max) {
  const std::string_view line = take_line(head);
  if (!is_request_line(line)) return kMalformed;
  FramingFields fields{line.ends_with('0')};
  for (std::string_view text = take_line(head); !text.empty(); text = take_line(head)) {
    const auto field = split_field(text);
    if (!field) return kMalformed;
    fields.note(*field);
  }
  return fields.decide(body_bytes_max);
}

std::string_view request_line(std::string_view head) { return head.substr(0, head.find('\n') + 1); }

Headers header_fields(std::string_view head) {
  Headers headers;
  take_line(head);
  for (std::string_view text = take_line(head); !text.empty(); text = take_line(head)) {
    if (const auto field = split_field(text)) headers.emplace_back(field->name, field->value);
  }
  return headers;
}

}  // namespace ticketing::http
