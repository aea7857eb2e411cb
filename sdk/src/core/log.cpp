#include "ticketing/core/log.hpp"

#include <new>
#include <vector>

namespace ticketing {
namespace {

class NullLogger final : public Logger {
 public:
  void write(LogLevel, std::string_view, std::span<const LogField>) noexcept override {}
  bool wants(LogLevel) const noexcept override { return false; }
};

}  // namespace

void FieldLogger::write(LogLevel level, std::string_view message,
                        std::span<const LogField> fields) noexcept {
  if (!wants(level)) return;
  try {
    std::vector<LogField> all{fields.begin(), fields.end()};
    all.push_back(field_);
    logger_.write(level, message, all);
  } catch (const std::bad_alloc&) {  // Better without the field than not at all.
    logger_.write(level, message, fields);
  }
}

Logger& null_logger() {
  // Never destroyed, so that the destructors of other statics may still log.
  static Logger& logger = *new NullLogger;
  return logger;
}

}  // namespace ticketing
