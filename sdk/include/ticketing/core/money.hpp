#pragma once
// Money: whole cents in a 64-bit integer. No floating-point type ever holds or computes it.
//
// Text form: dollars with at most two decimals, written as short as possible (`20`, `20.5`,
// `19.99`), which is also its JSON number. A value: any thread may use it.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticketing {

class Money {
 public:
  /// The largest price that is accepted: 999,999.99.
  static constexpr std::int64_t kCentsMax = 99'999'999;

  constexpr Money() = default;
  static constexpr Money from_cents(std::int64_t cents) { return Money{cents}; }
  /// Reads `20`, `20.5`, `20.00`, `-1.25`: an optional minus, digits, at most two decimals.
  /// Anything else (exponent, plus sign, blanks, `.5`, `5.`, over 15 digits) yields nullopt.
  static std::optional<Money> parse(std::string_view text) noexcept;

  constexpr std::int64_t cents() const { return cents_; }
  std::string to_text() const;

  friend constexpr auto operator<=>(Money, Money) = default;

 private:
  explicit constexpr Money(std::int64_t cents) : cents_(cents) {}
  std::int64_t cents_ = 0;
};

}  // namespace ticketing
