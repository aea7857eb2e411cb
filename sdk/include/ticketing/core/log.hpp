#pragma once
// The seam through which everything writes structured log lines; the runtime puts a sink behind it.
//
// Fields that carry secrets (passwords, tokens, cookies, card tokens) must never be passed; a test
// plants canaries. A Logger may be called from any thread and does not throw.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace ticketing {

enum class LogLevel { debug, info, warning, error };

using LogField = std::pair<std::string_view, std::string>;

class Logger {
 public:
  virtual ~Logger() = default;
  virtual void write(LogLevel level, std::string_view message,
                     std::initializer_list<LogField> fields) noexcept = 0;
  /// False when such lines go nowhere: then a caller on a hot path need not make one.
  virtual bool wants(LogLevel) const noexcept { return true; }

  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::debug, message, fields);
  }
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::info, message, fields);
  }
  void warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::warning, message, fields);
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::error, message, fields);
  }
};

/// Swallows everything: for tests and tools.
Logger& null_logger();

}  // namespace ticketing
