#include "runtime/log_sink.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "ticketing/core/error.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/core/time.hpp"

namespace ticketing::runtime {

namespace {

constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// Whatever a peer has sent may end up here; a log line must stay one well-formed line of JSON.
void append_text(std::string& line, std::string_view text) {
  append_json_string(line, is_utf8(text) ? text : "(not text)");
}

class SpdlogLogger final : public Logger {
 public:
  explicit SpdlogLogger(LogLevel least)
      : logger_("ticketing", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_pattern("%v");
    logger_.set_level(spdlog_level(least));
  }

  bool wants(LogLevel level) const noexcept override {
    return logger_.should_log(spdlog_level(level));
  }

  void write(LogLevel level, std::string_view message,
             std::span<const LogField> fields) noexcept override {
    if (!wants(level)) return;
    try {
      std::string line = "{\"time\":\"" + to_text(system_clock().now()) + "\",\"level\":\"" +
                         std::string{kLevels[static_cast<std::size_t>(level)]} + "\",\"message\":";
      append_text(line, message);
      for (const auto& [name, value] : fields) {
        append_text(line += ',', name);
        append_text(line += ':', value);
      }
      logger_.log(spdlog_level(level), line + '}');
    } catch (const std::exception&) {
      // There is nowhere left to report that a line could not be written.
    }
  }

 private:
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Logger> make_logger(std::string_view level) {
  for (std::size_t i = 0; i < std::size(kLevels); ++i) {
    if (kLevels[i] == level) return std::make_unique<SpdlogLogger>(static_cast<LogLevel>(i));
  }
  throw Error(ErrorCode::invalid, "\"" + std::string{level} +
                                      "\" is not a log level; write debug, info, warning or error");
}

}  // namespace ticketing::runtime
