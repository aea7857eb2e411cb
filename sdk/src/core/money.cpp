#include "ticketing/core/money.hpp"

#include <array>
#include <charconv>

namespace ticketing {
namespace {

constexpr std::size_t kDigitsMax = 15;  // With two decimals added still far from overflow.
constexpr std::size_t kDecimalsMax = 2;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Appends the digits at the front of `text`, at most `count_max`, to `number`, and cuts them off.
std::size_t take_digits(std::string_view& text, std::int64_t& number, std::size_t count_max) {
  std::size_t count = 0;
  for (; count < text.size() && is_digit(text[count]); ++count) {
    if (count == count_max) break;
    number = number * 10 + (text[count] - '0');
  }
  text.remove_prefix(count);
  return count;
}

}  // namespace

std::optional<Money> Money::parse(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::int64_t cents = 0;
  const std::size_t whole = take_digits(text, cents, kDigitsMax);
  std::size_t decimals = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    decimals = take_digits(text, cents, kDecimalsMax);
    if (decimals == 0) return std::nullopt;
  }
  // A third decimal, like a sixteenth digit, is still there.
  if (whole == 0 || whole + decimals > kDigitsMax || !text.empty()) {
    return std::nullopt;
  }
  for (; decimals < kDecimalsMax; ++decimals) cents *= 10;
  return from_cents(negative ? -cents : cents);
}

std::string Money::to_text() const {
  // Unsigned, because the least number has no positive counterpart.
  const bool negative = cents_ < 0;
  const auto bits = static_cast<std::uint64_t>(cents_);
  const std::uint64_t size = negative ? 0 - bits : bits;
  std::array<char, 24> text{};
  char* end = text.data();
  if (negative) *end++ = '-';
  end = std::to_chars(end, text.data() + text.size(), size / 100).ptr;
  if (size % 100 != 0) {
    *end++ = '.';
    *end++ = static_cast<char>('0' + size % 100 / 10);
    if (size % 10 != 0) *end++ = static_cast<char>('0' + size % 10);
  }
  return {text.data(), end};
}

}  // namespace ticketing
