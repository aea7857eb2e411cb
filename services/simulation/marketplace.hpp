#pragma once
// Marketplace: the five services under a storm: people who list, order, pay, cancel and edit, a
// bank that fails, and at the end the contract's invariants and every answer that anyone was given.

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/bank.hpp"
#include "simulation/ledger.hpp"
#include "ticketing/client/answers.hpp"
#include "ticketing/testing/storm.hpp"

namespace simulation {

/// Each storm is a marketplace of its own.
std::unique_ptr<testing::Storm> make_marketplace();

/// The five services, as ticketd hosts them, with `bank` for a payment provider, one signing key,
/// and passwords that cost next to nothing.
std::vector<ServiceDefinition> services_with(Bank& bank);
/// A service that keeps replicas of all that the others own, writes down every event that it hears,
/// and does nothing else.
ServiceDefinition reader(const std::string& name);
/// Adds each of the five as a process of its own, with those of `settings` that are its options or
/// every service's.
void add_each(testing::World& world, Bank& bank,
              const std::map<std::string, std::string>& settings = {});

class Marketplace final : public testing::Storm {
 public:
  void build(testing::World& world, testing::SeededRandom& random) override;
  std::string act(testing::World& world, testing::SeededRandom& random) override;
  void check(testing::World& world) override;

  /// Told of every call that came to an answer, or to none: for checks of histories.
  struct Call {
    std::string person;
    std::string what;    ///< The action's name.
    std::string target;  ///< Of the ticket or order concerned.
    testing::World::Duration begun{};
    testing::World::Duration ended{};
    std::optional<Response> response;
  };
  std::function<void(const Call&)> on_call;

 private:
  struct Person {
    std::string email;
    std::string token = {};  ///< Empty: not signed in.
    bool known = false;      ///< To the auth service.
  };
  using Action = std::string (Marketplace::*)(Person&, testing::SeededRandom&);
  using Next = std::function<void(const Response&)>;

  void watch_logs(testing::World& world, testing::SeededRandom& random);
  /// Whoever comes late comes now.
  void invite(testing::World& world);
  std::string sign_up(Person& person, testing::SeededRandom& random);
  std::string sign_out(Person& person, testing::SeededRandom& random);
  std::string sell(Person& person, testing::SeededRandom& random);
  std::string edit(Person& person, testing::SeededRandom& random);
  std::string order(Person& person, testing::SeededRandom& random);
  /// An order, and a new price at the same moment.
  std::string haggle(Person& person, testing::SeededRandom& random);
  std::string cancel(Person& person, testing::SeededRandom& random);
  std::string pay(Person& person, testing::SeededRandom& random);
  std::string look(Person& person, testing::SeededRandom& random);

  /// Everybody wants the same ticket, whose seller edits it.
  std::string rush(Person& person, testing::SeededRandom& random);
  void change(const std::string& ticket, Person& seller, testing::SeededRandom& random);
  void buy(Person& person, const std::string& ticket);
  /// Sends it as `person` until it is answered, at most a few times.
  void send(Person& person, const std::string& what, const std::string& target, Request request,
            Next next, int tries = 6);
  void settle(Person& person, const Call& call, const Request& request, const Next& next,
              int tries);
  std::string key();

  void check_tickets(testing::World& world) const;
  void check_orders(testing::World& world) const;
  void check_charges() const;
  void check_heard(testing::World& world) const;
  void check_copies(testing::World& world, const std::string& reader) const;

  testing::World* world_ = nullptr;
  bool shortens_ = false;      ///< Logs are shortened as soon as they may be.
  std::uint64_t late_by_ = 0;  ///< Actions until somebody comes late; 0: has come.
  std::optional<testing::SeededRandom> random_;  ///< For pauses.
  std::unique_ptr<Bank> bank_;
  Ledger ledger_;
  std::deque<Person> people_;
  std::vector<std::pair<std::string, Person*>> tickets_;  ///< With their sellers.
  std::vector<std::pair<std::string, Person*>> orders_;   ///< With their buyers.
  std::uint64_t keys_ = 0;

  // What people were told, which must be true for ever.
  std::map<std::string, std::int64_t> heads_;  ///< Events that were committed, by service.
  std::map<std::string, Envelope> newest_;     ///< By aggregate.
  std::vector<TicketAnswer> told_tickets_;
  std::vector<std::pair<std::string, std::string>> told_orders_;  ///< And their buyers' ids.
  std::vector<std::string> told_cancelled_;
  std::vector<std::pair<std::string, std::string>> told_paid_;  ///< Charge and order.
};

}  // namespace simulation
