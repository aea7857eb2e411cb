#pragma once
// Trace: what happened in a world, in order, as a hash and, when asked for, as lines to read.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "testing/scheduler.hpp"

namespace ticketing::testing {

class Trace {
 public:
  Trace(const Scheduler& scheduler, bool keeps_lines)
      : scheduler_(scheduler), keeps_lines_(keeps_lines) {}

  /// `what` happened at `where`; `details` are what tells two runs apart.
  void add(std::string_view where, std::string_view what,
           std::initializer_list<std::string_view> details = {});
  /// The same for what concerns everything in the world, such as a process that dies.
  void mark(std::string_view where, std::string_view what,
            std::initializer_list<std::string_view> details = {});
  /// As add() for what is only for people to read: it is not part of the hash.
  void comment(std::string_view where, std::string_view what,
               std::initializer_list<std::string_view> details = {});
  bool keeps_lines() const { return keeps_lines_; }
  std::uint64_t hash() const { return hash_; }
  std::uint64_t count() const { return count_; }
  struct Line {
    std::string text;
    bool is_mark = false;
  };
  /// Empty unless kept.
  const std::vector<Line>& lines() const { return lines_; }

 private:
  void mix(std::string_view text);

  const Scheduler& scheduler_;
  bool keeps_lines_;
  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::uint64_t count_ = 0;
  std::vector<Line> lines_;
};

}  // namespace ticketing::testing
