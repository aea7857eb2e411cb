// The subscription core in a world of faults (see unit/messaging/fake_world.hpp), whose schedule is
// the input: a byte for each choice. The world checks every batch against its model of the log.

#include "fuzz/target.hpp"
#include "unit/messaging/fake_world.hpp"

namespace ticketing::fuzz {
namespace {

constexpr std::size_t kStepsMax = 400;

/// One byte is spread over all numbers, so that it can choose among a hundred or some thousands.
std::uint32_t spread(std::uint8_t byte) { return byte * std::uint32_t{0x01010101}; }

}  // namespace

void check(std::string_view input) {
  GTEST_FLAG_SET(throw_on_failure, true);  // Caught by nobody: a finding.
  test::FakeWorld world{[&input] { return spread(take_byte(input)); }};
  for (std::size_t i = 0; i < kStepsMax && !input.empty(); ++i) world.step_with_faults();
  world.come_to_rest();
  world.check_rest();
}

}  // namespace ticketing::fuzz
