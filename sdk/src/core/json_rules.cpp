#include "core/json_rules.hpp"

#include <algorithm>
#include <utility>

namespace ticketing::json {
namespace {

std::size_t count_code_points(std::string_view text) {
  // Every byte but a continuation byte (10xxxxxx) starts a code point.
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string length_demand(const Rule& rule) {
  if (rule.length_max == SIZE_MAX) {
    return "must be at least " + std::to_string(rule.length_min) + " characters";
  }
  if (rule.length_min == 0) {
    return "must be at most " + std::to_string(rule.length_max) + " characters";
  }
  return "must be " + std::to_string(rule.length_min) + " to " + std::to_string(rule.length_max) +
         " characters";
}

std::string standard_message(const std::string& field, std::string_view code,
                             std::string_view what) {
  // Clients of this API know an address's complaint by these very words.
  if (code == "email") return "Email must be valid";
  return (field + ' ').append(what);
}

std::string bound_text(std::int64_t bound, bool money) {
  return money ? Money::from_cents(bound).to_text() : std::to_string(bound);
}

}  // namespace

std::string Path::to_text() const {
  std::string text = parent != nullptr ? parent->to_text() : std::string();
  if (index != kNoIndex) return text += '[' + std::to_string(index) + ']';
  if (!text.empty()) text += '.';
  return text += name;
}

void Complaints::add(const Path& path, const Rule& rule, std::string_view code,
                     std::string_view what) {
  if (fields_.size() == kCountMax) return;
  std::string field = path.to_text();
  const auto same_field = [&field](const FieldError& known) { return known.field == field; };
  if (std::any_of(fields_.begin(), fields_.end(), same_field)) return;
  std::string message{rule.message};
  if (message.empty()) message = standard_message(field, code, what);
  fields_.push_back({std::move(message), std::move(field), std::string(code)});
}

void Complaints::throw_if_any() {
  if (!fields_.empty()) throw Error(std::move(fields_));
}

void normalise(const Rule& rule, std::string& text) {
  if (rule.trimmed) {
    constexpr std::string_view kBlanks = " \t\n\v\f\r";
    const std::size_t first = text.find_first_not_of(kBlanks);
    text.erase(0, std::min(first, text.size()));
    text.erase(text.find_last_not_of(kBlanks) + 1);
  }
  if (rule.lower_case) {
    for (char& c : text) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
  }
}

void check_text(const Rule& rule, std::string_view text, const Path& path, Complaints& complaints) {
  if (rule.email && !is_email(text)) complaints.add(path, rule, "email", "must be valid");
  if (rule.length_min == 0 && rule.length_max == SIZE_MAX) return;
  const std::size_t length = count_code_points(text);
  if (length >= rule.length_min && length <= rule.length_max) return;
  complaints.add(path, rule, "length", length_demand(rule));
}

void check_amount(const Rule& rule, std::int64_t value, bool money, const Path& path,
                  Complaints& complaints) {
  if (value > rule.value_max) {
    complaints.add(path, rule, "range", "must be at most " + bound_text(rule.value_max, money));
  } else if (value < rule.value_min) {
    // `greater than 0` is how people say it, in cents as in units.
    const std::string demand = rule.value_min == 1
                                   ? "must be greater than 0"
                                   : "must be at least " + bound_text(rule.value_min, money);
    complaints.add(path, rule, "range", demand);
  }
}

bool is_email(std::string_view text) noexcept {
  constexpr std::size_t kLocalMax = 64;
  constexpr std::size_t kLengthMax = 254;
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at > kLocalMax || text.size() > kLengthMax) {
    return false;
  }
  const auto is_blank_or_control = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
  };
  if (std::any_of(text.begin(), text.end(), is_blank_or_control)) return false;
  const std::string_view domain = text.substr(at + 1);
  return domain.find('@') == std::string_view::npos && domain.find('.') != std::string_view::npos &&
         !domain.starts_with('.') && !domain.ends_with('.') &&
         domain.find("..") == std::string_view::npos;
}

}  // namespace ticketing::json
