// How much memory readings of large texts take side by side.

#include "core/json_seats.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "support/error_of.hpp"
#include "support/eventually.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing::json {
namespace {

using test::eventually;

constexpr std::size_t kLarge = kSmallTextMax + 1;
/// What must not happen has so long to happen.
constexpr std::chrono::milliseconds kLookedAtFor{50};

struct Word {
  std::string value;
  static constexpr std::array kFields{field<&Word::value>("value")};
};

/// A large text, or what is left of it when it is cut off.
std::string large_text(bool cut_off) {
  return "{\"value\":\"" + std::string(kLarge, 'x') + (cut_off ? "" : "\"}");
}

TEST(JsonSeats, a_second_large_text_waits_until_the_first_has_been_read) {
  auto first = seat_for(kLarge);
  std::atomic<bool> read{false};
  std::thread second{[&] {
    EXPECT_EQ(from_json<Word>(large_text(false)).value.size(), kLarge);
    read = true;
  }};
  EXPECT_FALSE(eventually([&] { return read.load(); }, kLookedAtFor));
  EXPECT_EQ(from_json<Word>(R"({"value":"small"})").value, "small") << "need not wait";
  first.reset();
  EXPECT_TRUE(eventually([&] { return read.load(); }));
  second.join();
}

TEST(JsonSeats, are_given_back_by_texts_that_are_no_json) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_ERROR(ErrorCode::invalid, from_json<Word>(large_text(true)));
    EXPECT_NO_THROW(from_json<Word>(large_text(false)));
  }
}

}  // namespace
}  // namespace ticketing::json
