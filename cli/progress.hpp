#pragma once
// Progress: how far a verb is, on a terminal, on one line that goes away. Silent for those who have
// not waited long yet, and where no person reads. Not thread-safe.

#include <chrono>
#include <cstdint>
#include <string_view>

#include "world.hpp"

namespace ticketing::cli {

class Progress {
 public:
  /// Borrows `world`; it must outlive this.
  explicit Progress(World& world);
  /// Wipes the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `count` of `what` so far. May be called as often as one likes.
  void tell(std::string_view what, std::int64_t count);
  /// What is waited for, in words.
  void tell(std::string_view text);
  /// Takes the line away, for others to write.
  void wipe();

 private:
  World& world_;
  std::chrono::nanoseconds next_;
  bool shown_ = false;
};

}  // namespace ticketing::cli
