#include "progress.hpp"

#include <ostream>

namespace ticketing::cli {
namespace {

constexpr milliseconds kQuietFor{1'000};  ///< Progress is for those who have waited so long.
constexpr milliseconds kEvery{250};

}  // namespace

Progress::Progress(World& world) : world_(world), next_(world.clock.monotonic() + kQuietFor) {}

Progress::~Progress() { wipe(); }

void Progress::wipe() {
  if (shown_) world_.err << "\r\x1b[K" << std::flush;
  shown_ = false;
}

void Progress::tell(std::string_view what, std::int64_t count) {
  tell(std::to_string(count) + ' ' + std::string{what});
}

void Progress::tell(std::string_view text) {
  const auto now = world_.clock.monotonic();
  if (!world_.err_is_terminal || now < next_) return;
  world_.err << '\r' << text << "\x1b[K" << std::flush;
  next_ = now + kEvery;
  shown_ = true;
}

}  // namespace ticketing::cli
