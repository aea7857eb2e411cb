// What the help, the manual and the completions know beyond the table of verbs.

#include <algorithm>
#include <utility>

#include "event_line.hpp"
#include "manual.hpp"
#include "ticketing/events/events.hpp"

namespace ticketing::cli {
namespace {

using Example = std::pair<std::string_view, std::string_view>;

constexpr std::array kExamples{
    Example{"signup", "ticketctl signup seller@example.com"},
    Example{"signin", "ticketctl signin seller@example.com --password-file secret.txt"},
    Example{"signout", "ticketctl signout"},
    Example{"whoami", "ticketctl whoami --profile buyer"},
    Example{"profile list", "ticketctl profile list"},
    Example{"profile use", "ticketctl profile use buyer --server http://tickets.example:8080"},
    Example{"profile remove", "ticketctl profile remove buyer"},
    Example{"list", "ticketctl list --limit 20 --json"},
    Example{"sell", "ticketctl sell \"Front row\" 19.99 --watch"},
    Example{"edit", "ticketctl edit TICKET --price 25"},
    Example{"show", "ticketctl show ORDER"},
    Example{"order", "ticketctl order TICKET --watch"},
    Example{"orders", "ticketctl orders --status created"},
    Example{"cancel", "ticketctl cancel ORDER --watch"},
    Example{"pay", "ticketctl pay ORDER --token tok_visa --watch"},
    Example{"events tail", "ticketctl events tail order:created --output cloudevents"},
    Example{"events replay", "ticketctl events replay --from 100 --to 200 --publisher orders"},
    Example{"keys new", "ticketctl keys new orders --out keys"},
    Example{"dlq list", "ticketctl dlq list --state dead --service orders"},
    Example{"dlq show", "ticketctl dlq show orders tickets 4711"},
    Example{"dlq redrive", "ticketctl dlq redrive --all --dry-run"},
    Example{"dlq skip", "ticketctl dlq skip orders tickets 4711"},
    Example{"schema events", "ticketctl schema events order:created"},
    Example{"schema asyncapi", "ticketctl schema asyncapi"},
    Example{"schema openapi", "ticketctl schema openapi"},
    Example{"verify", "ticketctl verify --wait 30s"},
    Example{"trace", "ticketctl trace ORDER"},
    Example{"migrate", "ticketctl migrate --data-dir ./data --database postgresql://USER@HOST/DB"},
    Example{"sim run", "ticketctl sim run --seed 1 --seeds 100"},
    Example{"demo", "ticketctl demo"},
    Example{"completions", "ticketctl completions bash"},
    Example{"man", "ticketctl man"},
};

template <Event... Es>
constexpr std::array<std::string_view, sizeof...(Es)> subjects_of() {
  return {Es::kSubject...};
}

constexpr auto kSubjects =
    subjects_of<UserCreated, UserUpdated, TicketCreated, TicketUpdated, OrderCreated, OrderUpdated,
                OrderCancelled, ExpirationComplete, PaymentCreated, PaymentFailed,
                PaymentRefunded>();
constexpr std::array<std::string_view, 5> kLogs{"auth", "tickets", "orders", "expiration",
                                                "payments"};

template <class List>
std::vector<std::string_view> all_of(const List& list) {
  return {list.begin(), list.end()};
}

}  // namespace

std::string_view example_of(const Verb& verb) {
  const auto found = std::find_if(kExamples.begin(), kExamples.end(), [&](const Example& example) {
    return example.first == verb.name;
  });
  return found == kExamples.end() ? std::string_view{} : found->second;
}

std::vector<std::string_view> choices_of(std::string_view value) {
  if (value == "STATUS") return all_of(kOrderStatusNames);
  if (value == "SUBJECT") return all_of(kSubjects);
  if (value == "LOG" || value == "SERVICE") return all_of(kLogs);
  if (value == "FORMAT") return all_of(kEventFormatNames);
  if (value == "SHELL") return all_of(kShellNames);
  return {};
}

}  // namespace ticketing::cli
