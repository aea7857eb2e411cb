#include <array>
#include <charconv>
#include <cstring>

#include "core/time_text.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing {
namespace {

// The bytes of a JSON string that need an escape.
constexpr bool is_special(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// True when one of the eight bytes at `text` is special: "Bit Twiddling Hacks", haszero and
// hasless, for all eight at once.
bool any_special_of_8(const char* text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t backslash = word ^ (kOnes * '\\');
  const std::uint64_t low = (word - kOnes * 0x20) & ~word;
  return ((low | ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash)) & kHighs) != 0;
}

std::size_t plain_length(std::string_view text) {
  std::size_t at = 0;
  while (at + 8 <= text.size() && !any_special_of_8(text.data() + at)) at += 8;
  while (at < text.size() && !is_special(text[at])) ++at;
  return at;
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kSpecials = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::size_t index = kSpecials.find(c);
  if (index != std::string_view::npos) {
    out += '\\';
    out += kLetters[index];
    return;
  }
  out += "\\u00";
  out += kHex[static_cast<std::size_t>(c >> 4)];
  out += kHex[static_cast<std::size_t>(c & 0x0F)];
}

void append_integer(std::string& out, std::int64_t number) {
  std::array<char, 20> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out.append(text.data(), end);
}

void append_list(std::string& out, const FieldInfo& field, void* list) {
  const std::size_t count = field.list_size(list);
  out += '[';
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    void* element = field.list_at(list, i);
    if (field.kind == FieldKind::text_list) {
      append_json_string(out, *static_cast<const std::string*>(element));
    } else {
      append_json(out, field.record(), element);
    }
  }
  out += ']';
}

void append_name(std::string& out, const FieldInfo& field, const void* value) {
  const NameTable names = field.names();
  const auto index = static_cast<std::size_t>(field.name_get(value));
  TICKETING_ASSERT(index < names.size());
  append_json_string(out, names[index]);
}

void append_time(std::string& out, Timestamp time) {
  const TimeText text = format(time);
  out += '"';
  out.append(text.data(), text.size());
  out += '"';
}

void append_value(std::string& out, const FieldInfo& field, void* value) {
  switch (field.kind) {
    case FieldKind::text:
      return append_json_string(out, *static_cast<const std::string*>(value));
    case FieldKind::integer:
      return append_integer(out, *static_cast<const std::int64_t*>(value));
    case FieldKind::boolean:
      out += *static_cast<const bool*>(value) ? "true" : "false";
      return;
    case FieldKind::money:
      out += static_cast<const Money*>(value)->to_text();
      return;
    case FieldKind::time:
      return append_time(out, *static_cast<const Timestamp*>(value));
    case FieldKind::json:
      out += static_cast<const JsonText*>(value)->text;
      return;
    case FieldKind::name:
      return append_name(out, field, value);
    case FieldKind::record:
      return append_json(out, field.record(), value);
    case FieldKind::record_list:
    case FieldKind::text_list:
      return append_list(out, field, value);
  }
}

bool is_absent(const FieldInfo& field, const void* value) {
  if (value == nullptr) return true;
  return field.kind == FieldKind::json && static_cast<const JsonText*>(value)->text.empty();
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const std::size_t plain = plain_length(text);
    out.append(text.data(), plain);
    if (plain == text.size()) break;
    append_escaped(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

void append_json(std::string& out, RecordInfo info, const void* object) {
  constexpr std::size_t kBytesPerField = 48;  // A guess: an id, its name and the punctuation.
  out.reserve(out.size() + info.size() * kBytesPerField);
  char before = '{';
  for (const FieldInfo& field : info) {
    // A description reads and writes through one pointer type; nothing is written here.
    void* member = field.member(const_cast<void*>(object));
    void* value = field.optional ? field.optional_get(member) : member;
    if (is_absent(field, value)) continue;
    out += before;
    before = ',';
    out += '"';
    out += field.name;
    out += "\":";
    append_value(out, field, value);
  }
  if (before == '{') out += '{';
  out += '}';
}

}  // namespace ticketing
