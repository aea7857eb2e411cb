#pragma once
// The seam through which everything writes structured log lines; the runtime puts a sink behind it.
//
// Fields that carry secrets (passwords, tokens, cookies, card tokens) must never be passed; a test
// plants canaries. A Logger may be called from any thread and does not throw.

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ticketing {

enum class LogLevel { debug, info, warning, error };

using LogField = std::pair<std::string_view, std::string>;

/// The field by which lines of all services are found that tell of what one request has led to. Its
/// value is the request's id, which events carry as their correlation id.
inline constexpr std::string_view kCorrelationField = "correlation_id";

class Logger {
 public:
  virtual ~Logger() = default;
  virtual void write(LogLevel level, std::string_view message,
                     std::span<const LogField> fields) noexcept = 0;
  /// False when such lines go nowhere: then a caller on a hot path need not make one.
  virtual bool wants(LogLevel) const noexcept { return true; }

  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::debug, message, {fields.begin(), fields.size()});
  }
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::info, message, {fields.begin(), fields.size()});
  }
  void warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::warning, message, {fields.begin(), fields.size()});
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::error, message, {fields.begin(), fields.size()});
  }
};

/// Adds one field to every line. Borrows `logger`; it must outlive this.
class FieldLogger final : public Logger {
 public:
  FieldLogger(Logger& logger, std::string_view name, std::string value)
      : logger_(logger), field_(name, std::move(value)) {}
  void write(LogLevel level, std::string_view message,
             std::span<const LogField> fields) noexcept override;
  bool wants(LogLevel level) const noexcept override { return logger_.wants(level); }

 private:
  Logger& logger_;
  LogField field_;
};

/// Swallows everything: for tests and tools.
Logger& null_logger();

}  // namespace ticketing
