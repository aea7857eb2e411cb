#include "ticketing/messaging/relay.hpp"

#include "ticketing/core/error.hpp"

namespace ticketing {

Relay::Relay(std::string log, std::string log_id, std::int64_t head, std::string fetch_endpoint) {
  position_.log = std::move(log);
  position_.log_id = std::move(log_id);
  position_.offset = head;
  position_.fetch = std::move(fetch_endpoint);
  position_.floor = head;
}

wire::Position Relay::position() const {
  wire::Position position = position_;
  position.takes_readers = true;
  return position;
}

std::vector<wire::Frames> Relay::committed(std::vector<LogEntry> entries) {
  std::vector<wire::Frames> messages;
  messages.reserve(entries.size());
  for (LogEntry& entry : entries) {
    TICKETING_ASSERT(entry.offset == position_.offset + 1);
    position_.offset = entry.offset;  // The message carries the event's own offset …
    messages.push_back({entry.subject, wire::encode(position_), std::move(entry.envelope)});
    for (auto& [subject, last] : position_.last) {
      if (subject == entry.subject) {
        last = entry.offset;
        entry.subject.clear();
        break;
      }
    }
    // … and what came before it; so the event counts from the next message on.
    if (!entry.subject.empty()) position_.last.emplace_back(std::move(entry.subject), entry.offset);
  }
  return messages;
}

}  // namespace ticketing
