// Text forms of values: money, times, durations, sizes, base64url. What is read is read again from
// what is written of it; every number that can be written is read back as itself.

#include <cstring>

#include "auth/base64url.hpp"
#include "fuzz/target.hpp"
#include "ticketing/core/money.hpp"
#include "ticketing/core/time.hpp"

namespace ticketing::fuzz {
namespace {

/// The cents that an amount stands for: its digits, with two behind the point.
std::int64_t cents_of(std::string text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  text.erase(point, 1);
  text.resize(point + 2, '0');
  return std::stoll(text);
}

void check_money(std::string_view text) {
  const auto money = Money::parse(text);
  if (!money) return;
  TICKETING_ASSERT(money->cents() == cents_of(std::string{text}));
  TICKETING_ASSERT(text.size() <= 17);  // 15 digits, minus and point.
  TICKETING_ASSERT(Money::parse(money->to_text()) == money);
  TICKETING_ASSERT(money->to_text().size() <= text.size());
}

/// The same time with exactly three digits behind the point.
std::string with_milliseconds(std::string text) {
  text.pop_back();
  if (text.size() == 19) text += '.';
  text.resize(23, '0');
  return text + 'Z';
}

void check_time(std::string_view text) {
  if (const auto time = parse_timestamp(text)) {
    TICKETING_ASSERT(parse_timestamp(to_text(*time)) == time);
    TICKETING_ASSERT(to_text(*time) == with_milliseconds(std::string{text}));
  }
  if (const auto duration = parse_duration(text)) {
    TICKETING_ASSERT(parse_duration(to_text(*duration)) == duration);
    TICKETING_ASSERT(duration->count() >= 0);
  }
}

void check_size(std::string_view text) {
  const auto size = parse_size(text);
  if (size) TICKETING_ASSERT(parse_size(std::to_string(*size)) == size);
}

void check_base64url(std::string_view text) {
  TICKETING_ASSERT(auth::decode_base64url(auth::encode_base64url(text)) == text);
  const auto bytes = auth::decode_base64url(text);
  if (bytes) TICKETING_ASSERT(auth::encode_base64url(*bytes) == text);
}

void check_number(std::int64_t number) {
  constexpr std::int64_t kReadable = 1'000'000'000'000'000;  // 15 digits in all.
  const Money money = Money::from_cents(number);
  if (number > -kReadable && number < kReadable) {
    TICKETING_ASSERT(Money::parse(money.to_text()) == money);
  }
  const std::string text = to_text(Timestamp{milliseconds{number}});
  TICKETING_ASSERT(text.size() == 24 && parse_timestamp(text).has_value());
  TICKETING_ASSERT(to_text(*parse_timestamp(text)) == text);
  if (number >= 0) {
    TICKETING_ASSERT(parse_duration(to_text(milliseconds{number})) == milliseconds{number});
  }
}

}  // namespace

void check(std::string_view input) {
  check_money(input);
  check_time(input);
  check_size(input);
  check_base64url(input);
  std::int64_t number = 0;
  std::memcpy(&number, input.data(), std::min(input.size(), sizeof number));
  check_number(number);
}

}  // namespace ticketing::fuzz
