#pragma once
// A record with a member of every kind, and what reading it may complain about.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "ticketing/core/json.hpp"

namespace ticketing {

enum class Colour { red, green, dark_blue };
inline constexpr std::array<std::string_view, 3> kColourNames{"red", "green", "dark:blue"};
constexpr NameTable name_table(Colour) { return kColourNames; }

struct Seat {
  std::string row;
  std::int64_t number = 0;

  static constexpr std::array kFields{
      field<&Seat::row>("row", Rule::text(1, 3)),
      field<&Seat::number>("number"),
  };
  friend bool operator==(const Seat&, const Seat&) = default;
};

struct Sample {
  std::string text;
  std::int64_t integer = 0;
  bool boolean = false;
  Money money;
  Timestamp time;
  JsonText json;
  Colour colour = Colour::red;
  Seat seat;
  std::vector<Seat> seats;
  std::vector<std::string> words;
  std::optional<std::string> maybe_text;
  std::optional<Money> maybe_money;
  std::optional<Seat> maybe_seat;
  std::optional<JsonText> maybe_json;

  static constexpr std::array kFields{
      field<&Sample::text>("text"),
      field<&Sample::integer>("integer"),
      field<&Sample::boolean>("boolean"),
      field<&Sample::money>("money"),
      field<&Sample::time>("time"),
      field<&Sample::json>("json"),
      field<&Sample::colour>("colour"),
      field<&Sample::seat>("seat"),
      field<&Sample::seats>("seats"),
      field<&Sample::words>("words", Rule::text(1, 5)),
      field<&Sample::maybe_text>("maybeText"),
      field<&Sample::maybe_money>("maybeMoney"),
      field<&Sample::maybe_seat>("maybeSeat"),
      field<&Sample::maybe_json>("maybeJson"),
  };
  friend bool operator==(const Sample&, const Sample&) = default;
};

/// A sample with every optional member present.
inline Sample full_sample() {
  Sample sample;
  sample.text = "Grüße, \"Welt\" \\ 𝄞\n";
  sample.integer = -42;
  sample.boolean = true;
  sample.money = Money::from_cents(1999);
  sample.time = Timestamp{milliseconds{1'700'000'000'123}};
  sample.json = {R"({"a":[1,2.5e3,{"b":null}],"c":"\u00e9"})"};
  sample.colour = Colour::dark_blue;
  sample.seat = {"A", 1};
  sample.seats = {{"B", 2}, {"C", 3}};
  sample.words = {"one", "two"};
  sample.maybe_text = "";
  sample.maybe_money = Money::from_cents(-50);
  sample.maybe_seat = Seat{"D", 4};
  sample.maybe_json = JsonText{"[]"};
  return sample;
}

/// One field each, for tests of single kinds.
struct Text {
  std::string value;
  static constexpr std::array kFields{field<&Text::value>("value")};
};
struct Number {
  std::int64_t value = 0;
  static constexpr std::array kFields{field<&Number::value>("value")};
};
struct Amount {
  Money value;
  static constexpr std::array kFields{field<&Amount::value>("value")};
};
struct Verbatim {
  JsonText value;
  static constexpr std::array kFields{field<&Verbatim::value>("value")};
};
struct Nothing {
  std::optional<bool> value;
  static constexpr std::array kFields{field<&Nothing::value>("value")};
};

/// The record with the one field `value` given as the JSON `value`.
template <Record T>
T read_value(const std::string& value) {
  return from_json<T>("{\"value\":" + value + "}");
}

inline std::string quoted(std::string_view content) {
  std::string text = "\"";
  return text.append(content) += '"';
}

/// What reading `text` complains about, as `field:code` each; empty when it is right.
template <Record T>
std::vector<std::string> complaints_about(std::string_view text) {
  std::vector<std::string> complaints;
  try {
    from_json<T>(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    for (const FieldError& one : error.fields()) complaints.push_back(one.field + ":" + one.code);
  }
  return complaints;
}

template <Record T>
std::string complaint_about_value(const std::string& value) {
  const auto complaints = complaints_about<T>("{\"value\":" + value + "}");
  EXPECT_LE(complaints.size(), 1U);
  return complaints.empty() ? "" : complaints[0];
}

/// The message of the first complaint.
template <Record T>
std::string message_about(std::string_view text) {
  try {
    from_json<T>(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

using Strings = std::vector<std::string>;

}  // namespace ticketing
