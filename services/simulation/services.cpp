#include "auth/service.hpp"
#include "expiration/service.hpp"
#include "orders/service.hpp"
#include "payments/service.hpp"
#include "simulation/marketplace.hpp"
#include "simulation/storage.hpp"
#include "tickets/service.hpp"

namespace simulation {

namespace {

/// The least that libsodium takes.
constexpr PasswordCost kCheapPasswords{.memory_bytes = 8 << 10, .passes = 1};

const Replica<UserFact> kUsers{"user"};
const Replica<TicketFact> kTickets{"ticket"};
const Replica<OrderFact> kOrders{"order"};
const Replica<PaymentCreated> kPayments{"payment"};

template <Event... Es>
void write_down_all(Service& service) {
  const auto hear = [](const Envelope& event, Context& ctx) { write_down(ctx.tx(), event); };
  (service.on_event(Es::kPublisher, Es::kSubject, hear), ...);
}

void define_reader(Service& service) {
  service.migrate(reader_migrations());
  service.replicate<UserCreated, UserUpdated>(kUsers);
  service.replicate<TicketCreated, TicketUpdated>(kTickets);
  service.replicate<OrderCreated, OrderUpdated, OrderCancelled>(kOrders);
  service.replicate<PaymentCreated, PaymentFailed, PaymentRefunded>(kPayments);
  write_down_all<UserCreated, UserUpdated, TicketCreated, TicketUpdated, OrderCreated, OrderUpdated,
                 OrderCancelled, ExpirationComplete, PaymentCreated, PaymentFailed,
                 PaymentRefunded>(service);
}

/// All people of a world have one address, and nothing is learned by shutting them out.
std::vector<Option> auth_options() {
  std::vector<Option> options = auth::options();
  for (Option& option : options) {
    if (option.name == "sign-ups-a-minute") option.fallback = "1000000";
  }
  return options;
}

}  // namespace

ServiceDefinition reader(const std::string& name) { return {name, &define_reader}; }

std::vector<ServiceDefinition> services_with(Bank& bank) {
  const auto define_auth = [](Service& service) {
    auth::define_with(service, SigningKey{SigningKey::Seed{}}, kCheapPasswords);
  };
  const auto define_payments = [&bank](Service& service) {
    payments::define_with(service, bank.provider());
  };
  return {{"auth", define_auth, auth_options()},
          {"tickets", &tickets::define},
          {"orders", &orders::define, orders::options()},
          {"expiration", &expiration::define},
          {"payments", define_payments, payments::options()}};
}

void add_each(testing::World& world, Bank& bank,
              const std::map<std::string, std::string>& settings) {
  for (ServiceDefinition& one : services_with(bank)) {
    const std::string name = one.name;
    std::map<std::string, std::string> own;
    for (const Option& option : one.options) {
      if (const auto set = settings.find(option.name); set != settings.end()) own.insert(*set);
    }
    for (const char* const common : {"dev", "log-retention"}) {
      if (const auto set = settings.find(common); set != settings.end()) own.insert(*set);
    }
    world.add(name, {std::move(one)}, std::move(own));
  }
}

}  // namespace simulation
