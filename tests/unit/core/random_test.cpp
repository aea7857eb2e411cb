#include "ticketing/core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace ticketing {
namespace {

// Gives 0, 1, 2, ... so that what is made of it can be told.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(next_++);
  }

 private:
  unsigned next_ = 0;
};

class ConstantRandom final : public Random {
 public:
  explicit ConstantRandom(std::byte byte) : byte_(byte) {}
  void fill(std::span<std::byte> bytes) override { std::fill(bytes.begin(), bytes.end(), byte_); }

 private:
  std::byte byte_;
};

Timestamp at(std::int64_t unix_milliseconds) { return Timestamp{milliseconds{unix_milliseconds}}; }

TEST(NewId, is_a_version_7_uuid_of_its_time_and_randomness) {
  CountingRandom counting;
  // The time of RFC 9562's example in appendix A.6.
  EXPECT_EQ(new_id(at(0x017F22E279B0), counting), "017f22e2-79b0-7001-8203-040506070809");
  ConstantRandom ones(std::byte{0xFF});
  EXPECT_EQ(new_id(at(0x017F22E279B0), ones), "017f22e2-79b0-7fff-bfff-ffffffffffff");
  ConstantRandom zeros(std::byte{0});
  EXPECT_EQ(new_id(at(0), zeros), "00000000-0000-7000-8000-000000000000");
}

TEST(NewId, a_later_one_sorts_behind) {
  std::string before = new_id(at(1'700'000'000'000), system_random());
  for (std::int64_t i = 1; i < 2'000; ++i) {
    const std::string id = new_id(at(1'700'000'000'000 + i), system_random());
    ASSERT_LT(before, id);
    before = id;
  }
}

TEST(NewId, many_of_one_millisecond_differ) {
  std::set<std::string> ids;
  for (int i = 0; i < 5'000; ++i) ids.insert(new_id(at(1), system_random()));
  EXPECT_EQ(ids.size(), 5'000U);
}

TEST(Random, a_number_does_not_depend_on_the_byte_order_of_the_machine) {
  CountingRandom counting;
  EXPECT_EQ(counting.next_u64(), 0x0001020304050607U);
}

TEST(Random, the_hex_text_has_two_digits_a_byte) {
  CountingRandom counting;
  EXPECT_EQ(random_hex(counting, 3), "000102");
  EXPECT_EQ(random_hex(counting, 0), "");
  EXPECT_EQ(random_hex(system_random(), 16).size(), 32U);
}

TEST(Random, the_system_fills_large_buffers_whole) {
  std::vector<std::byte> bytes(100'000);
  system_random().fill(bytes);
  EXPECT_LT(std::count(bytes.end() - 1'000, bytes.end(), std::byte{0}), 50);
  EXPECT_NE(system_random().next_u64(), system_random().next_u64());
}

}  // namespace
}  // namespace ticketing
