#include "testing/unsettled.hpp"

namespace ticketing::testing {

void append_unless_settled(const std::string& consumer, const Subscription& core,
                           std::optional<std::int64_t> head, std::vector<std::string>& lines) {
  const std::string who = consumer + " following " + core.options().log;
  if (core.refusal()) {
    lines.push_back(who + " refuses it: " + *core.refusal());
  } else if (!head) {
    lines.push_back(who + ": its publisher is down");
  } else if (!core.at_rest() || core.applied() < *head) {
    lines.push_back(who + " has applied " + std::to_string(core.applied()) + " of " +
                    std::to_string(*head));
  }
}

}  // namespace ticketing::testing
