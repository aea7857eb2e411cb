#include "reference/reference.hpp"

#include <deque>
#include <utility>

#include "auth/service.hpp"
#include "expiration/service.hpp"
#include "orders/service.hpp"
#include "payments/service.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/runtime/host.hpp"
#include "tickets/service.hpp"

namespace reference {
namespace {

using namespace ticketing;

/// The least that libsodium takes: nobody signs in here.
constexpr PasswordCost kCheapPasswords{.memory_bytes = 8 << 10, .passes = 1};

void define_auth(Service& service) {
  auth::define_with(service, SigningKey{SigningKey::Seed{}}, kCheapPasswords);
}

/// The five services, defined but not running.
class Definitions {
 public:
  Definitions() {
    add({"auth", &define_auth, auth::options()});
    add({"tickets", &tickets::define});
    add({"orders", &orders::define, orders::options()});
    add({"expiration", &expiration::define});
    add({"payments", &payments::define, payments::options()});
  }

  std::vector<const Service*> all() const {
    std::vector<const Service*> services;
    for (const Service& service : services_) services.push_back(&service);
    return services;
  }

 private:
  void add(ServiceDefinition definition) {
    const Program program{definition.name, {}, {definition}};
    const Settings& settings =
        settings_.emplace_back(Settings::from(options_of(program), {{"dev", "true"}}));
    definition.define(services_.emplace_back(definition.name, settings));
  }

  std::deque<Settings> settings_;
  std::deque<Service> services_;
};

/// Every service hears of tokens that do not count any more, and need not ask to.
bool listens_to(const Service& service, const EventInfo& event) {
  if (service.name() == event.publisher) return false;
  return event.subject == UserUpdated::kSubject ||
         service.definition().events.contains(event.subject);
}

std::vector<EventFlow> flows() {
  const Definitions definitions;
  std::vector<EventFlow> flows;
  for (const EventInfo& event : shared_events()) {
    EventFlow& flow = flows.emplace_back(EventFlow{event, {}});
    for (const Service* service : definitions.all()) {
      if (listens_to(*service, event)) flow.listeners.push_back(service->name());
    }
  }
  return flows;
}

}  // namespace

std::string http_document(std::string_view version) {
  const Definitions definitions;
  return open_api({{"Ticket marketplace", version,
                    "What the five reference services answer. ticketd serves all of it on one "
                    "origin; a service that runs alone serves its own routes.",
                    "http://127.0.0.1:8080"},
                   route_docs(),
                   refusal_docs()},
                  definitions.all());
}

std::string events_document(std::string_view version) {
  return async_api({"Ticket marketplace", version,
                    "The events of the five reference services: CloudEvents 1.0 in structured "
                    "mode, over ZeroMQ.",
                    "127.0.0.1:7100"},
                   flows());
}

std::string event_schemas() {
  std::string all;
  for (const EventInfo& event : shared_events()) {
    all += all.empty() ? '{' : ',';
    append_json_string(all, event.subject);
    all += ':' + event_schema(event);
  }
  return all + '}';
}

}  // namespace reference
