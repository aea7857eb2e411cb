// How much memory readings of large texts take side by side.

#include "core/json_workspace.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/error_of.hpp"
#include "support/eventually.hpp"

namespace ticketing::json {
namespace {

using test::eventually;

constexpr std::size_t kBytesMax = 1 << 20;
/// What must not happen has so long to happen.
constexpr std::chrono::milliseconds kLookedAtFor{50};
const std::string kLarge = '[' + std::string(kBytesMax / 2, ' ') + ']';

TEST(JsonWorkspace, a_third_large_text_waits_until_one_of_two_has_been_read) {
  Workspace first, second;
  first.open(kLarge, kBytesMax);
  second.open(kLarge, kBytesMax);
  std::atomic<bool> opened{false};
  std::thread third{[&] {
    Workspace workspace;
    workspace.open(kLarge, kBytesMax);
    opened = true;
  }};
  EXPECT_FALSE(eventually([&] { return opened.load(); }, kLookedAtFor));
  Workspace small;
  small.open("[]", kBytesMax);  // Need not wait.
  first.shrink();
  EXPECT_TRUE(eventually([&] { return opened.load(); }));
  third.join();
}

TEST(JsonWorkspace, a_large_text_that_is_no_json_lets_the_next_one_in) {
  const std::string broken = kLarge + "\"";
  for (int i = 0; i < 3; ++i) {
    Workspace workspace;
    EXPECT_ERROR(ErrorCode::invalid, workspace.open(broken, kBytesMax));
    workspace.open(kLarge, kBytesMax);
    workspace.shrink();
  }
}

}  // namespace
}  // namespace ticketing::json
