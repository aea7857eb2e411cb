#pragma once
// Events as tests publish them: aggregates named by a letter, versions counted.

#include <string>
#include <utility>
#include <vector>

#include "support/scratch_database.hpp"
#include "ticketing/events/envelope.hpp"
#include "ticketing/messaging/event_log.hpp"

namespace ticketing::test {

inline constexpr Timestamp kStart{milliseconds{1'700'000'000'000}};

inline Causality sample_causality() { return {"buyer", "request", std::nullopt}; }

inline StagedEvent staged(std::string_view subject, std::string aggregate, std::int64_t version,
                          std::string data = "{}") {
  return {subject, std::move(aggregate), version, std::move(data)};
}

inline Envelope sample_envelope(std::string_view subject, std::string aggregate,
                                std::int64_t version, std::int64_t offset,
                                const std::string& log_id = "log-1") {
  Envelope envelope;
  envelope.id = log_id + "-" + std::to_string(offset);
  envelope.source = "/ticketing/tickets";
  envelope.type = subject;
  envelope.aggregate_id = std::move(aggregate);
  envelope.time = kStart;
  envelope.log_id = log_id;
  envelope.offset = offset;
  envelope.version = version;
  envelope.correlation_id = "buyer";
  envelope.data.text = "{\"version\":" + std::to_string(version) + "}";
  return envelope;
}

}  // namespace ticketing::test
