#include "testing/trace.hpp"

#include <cstdio>

namespace ticketing::testing {

/// FNV-1a, 64 bits (www.isthe.com/chongo/tech/comp/fnv), with a mark between texts.
void Trace::mix(std::string_view text) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * kPrime;
  hash_ = (hash_ ^ 0xff) * kPrime;
}

void Trace::add(std::string_view where, std::string_view what,
                std::initializer_list<std::string_view> details) {
  ++count_;
  const auto time = static_cast<std::uint64_t>(scheduler_.now().count());
  hash_ ^= time * 0x9e3779b97f4a7c15;
  mix(where);
  mix(what);
  for (const std::string_view detail : details) mix(detail);
  comment(where, what, details);
}

void Trace::mark(std::string_view where, std::string_view what,
                 std::initializer_list<std::string_view> details) {
  add(where, what, details);
  if (keeps_lines_) lines_.back().is_mark = true;
}

void Trace::comment(std::string_view where, std::string_view what,
                    std::initializer_list<std::string_view> details) {
  if (!keeps_lines_) return;
  const auto since_start = scheduler_.now() - Scheduler::kStart;
  char head[64];
  std::snprintf(head, sizeof head, "%12.6f  %-11.*s ",
                std::chrono::duration<double>(since_start).count(), static_cast<int>(where.size()),
                where.data());
  std::string line = head + std::string{what};
  for (const std::string_view detail : details) line.append(1, ' ').append(detail);
  lines_.push_back({std::move(line)});
}

}  // namespace ticketing::testing
