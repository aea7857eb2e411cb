#pragma once
// MemoryLogger: keeps every line, for tests of what is told. Any thread.

#include <mutex>
#include <string>
#include <vector>

#include "ticketing/core/log.hpp"

namespace ticketing::test {

class MemoryLogger final : public Logger {
 public:
  void write(LogLevel, std::string_view message,
             std::span<const LogField> fields) noexcept override {
    std::string line{message};
    for (const auto& [name, value] : fields) line += ' ' + std::string{name} + '=' + value;
    const std::lock_guard guard{mutex_};
    lines_.push_back(std::move(line));
  }
  /// How many lines hold `text`.
  std::size_t count(std::string_view text) const {
    const std::lock_guard guard{mutex_};
    std::size_t found = 0;
    for (const std::string& line : lines_) found += line.find(text) != std::string::npos ? 1 : 0;
    return found;
  }
  bool has(std::string_view text) const { return count(text) > 0; }
  std::string text() const {
    const std::lock_guard guard{mutex_};
    std::string all;
    for (const std::string& line : lines_) all += line + '\n';
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace ticketing::test
