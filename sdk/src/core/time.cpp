#include "ticketing/core/time.hpp"

#include <algorithm>
#include <charconv>

#include "core/time_text.hpp"

namespace ticketing {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// RFC 3339 has four digits for the year.
constexpr Timestamp kTimeMin = sys_days{std::chrono::year{0} / 1 / 1};
constexpr Timestamp kTimeMax = sys_days{std::chrono::year{10000} / 1 / 1} - milliseconds{1};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override { return floor<milliseconds>(std::chrono::system_clock::now()); }
  std::chrono::nanoseconds monotonic() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
};

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// From large to small: the first one that divides a duration gives the shortest text.
constexpr Unit kDurationUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
constexpr Unit kSizeUnits[] = {
    {"", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}};

// Reads digits and a unit of the table; the product is at most `most`.
template <std::size_t Count>
std::optional<std::uint64_t> parse_amount(std::string_view text, const Unit (&units)[Count],
                                          std::uint64_t most) noexcept {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view name{after, static_cast<std::size_t>(end - after)};
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (number > most / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

void put_digits(char* at, unsigned number, int count) {
  for (int i = count - 1; i >= 0; --i, number /= 10) at[i] = static_cast<char>('0' + number % 10);
}

// The number that the `count` digits at `at` stand for; -1 when one is no digit.
int take_digits(const char* at, std::size_t count) {
  int number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (at[i] < '0' || at[i] > '9') return -1;
    number = number * 10 + (at[i] - '0');
  }
  return number;
}

// Reads `.123456789Z` or `Z`, cut to milliseconds; -1 when it is neither.
int parse_fraction(std::string_view text) {
  if (!text.ends_with('Z')) return -1;
  text.remove_suffix(1);
  if (text.empty()) return 0;
  if (text[0] != '.' || text.size() == 1 || text.size() > 10) return -1;
  text.remove_prefix(1);
  if (take_digits(text.data(), text.size()) < 0) return -1;
  const std::size_t kept = std::min<std::size_t>(text.size(), 3);
  int fraction = take_digits(text.data(), kept);
  for (std::size_t i = kept; i < 3; ++i) fraction *= 10;
  return fraction;
}

std::optional<sys_days> parse_date(const char* text) {
  const int year = take_digits(text, 4);
  const int month = take_digits(text + 5, 2);
  const int day = take_digits(text + 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto date = std::chrono::year{year} / month / day;
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

std::optional<std::chrono::seconds> parse_time_of_day(const char* text) {
  const int hour = take_digits(text, 2);
  const int minute = take_digits(text + 3, 2);
  const int second = take_digits(text + 6, 2);
  if (hour < 0 || minute < 0 || second < 0 || text[2] != ':' || text[5] != ':') {
    return std::nullopt;
  }
  // No leap second: the clock does not know them either.
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
}

}  // namespace

const Clock& system_clock() {
  // Never destroyed, so that the destructors of other statics may still read it.
  static const Clock& clock = *new SystemClock;
  return clock;
}

TimeText format(Timestamp time) noexcept {
  time = std::clamp(time, kTimeMin, kTimeMax);
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const auto in_day = static_cast<unsigned>((time - day).count());
  TimeText text{"0000-00-00T00:00:00.000"};
  put_digits(&text[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_digits(&text[5], static_cast<unsigned>(date.month()), 2);
  put_digits(&text[8], static_cast<unsigned>(date.day()), 2);
  put_digits(&text[11], in_day / 3'600'000, 2);
  put_digits(&text[14], in_day / 60'000 % 60, 2);
  put_digits(&text[17], in_day / 1'000 % 60, 2);
  put_digits(&text[20], in_day % 1'000, 3);
  text[23] = 'Z';
  return text;
}

std::string to_text(Timestamp time) {
  const TimeText text = format(time);
  return {text.data(), text.size()};
}

std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept {
  constexpr std::size_t kWithoutFraction = 19;
  if (text.size() <= kWithoutFraction || text[10] != 'T') return std::nullopt;
  const auto date = parse_date(text.data());
  const auto time_of_day = parse_time_of_day(text.data() + 11);
  const int fraction = parse_fraction(text.substr(kWithoutFraction));
  if (!date || !time_of_day || fraction < 0) return std::nullopt;
  return *date + *time_of_day + milliseconds{fraction};
}

std::optional<milliseconds> parse_duration(std::string_view text) noexcept {
  const auto amount = parse_amount(text, kDurationUnits, INT64_MAX);
  if (!amount) return std::nullopt;
  return milliseconds{static_cast<std::int64_t>(*amount)};
}

std::string to_text(milliseconds duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  for (const Unit& unit : kDurationUnits) {
    const auto factor = static_cast<std::int64_t>(unit.factor);
    if (count % factor == 0) return std::to_string(count / factor) += unit.name;
  }
  return {};  // Not reached: everything is a multiple of a millisecond.
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
  return parse_amount(text, kSizeUnits, UINT64_MAX);
}

}  // namespace ticketing
