#pragma once
// What must be true after a fault, once all is at rest again: whatever was answered is there, once.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "load.hpp"
#include "support/databases.hpp"
#include "support/marketplace.hpp"

namespace ticketing::test {

inline constexpr std::chrono::seconds kRest{60};

/// Everything has been applied by everyone, and nothing waits for a time or another try.
bool has_come_to_rest(const Marketplace& market);
/// SIGTERM to all, who must exit with 0.
void expect_all_stopped_cleanly(Marketplace& market);
/// Every write that was answered, by what the services now say.
void expect_answered_writes(Load& load);
/// Argon2 takes its time: of each client's accounts, the newest.
void expect_answered_accounts(Load& load);
/// Over HTTP: each client has the orders that they were answered and no other, and was charged for
/// the complete ones exactly, in cents; each of these holds its ticket.
void expect_conservation(Load& load);
/// In the databases: as many tickets, users and orders as writes that made one, and no charge kept
/// beyond those that were answered.
void expect_nothing_doubled(const Load& load, const Databases& stored);
/// `ticketctl verify` of all five, with `more` words; with keys, as the operator.
Outcome verify(const Marketplace& market, const std::vector<std::string>& more = {});
/// It finds nothing broken, and nothing owed.
void expect_verified(const Marketplace& market);
/// How many events the services have ever committed.
std::int64_t events_of(const Databases& stored);
void print_tally(const Load& load, const Databases& stored);
/// All of the above, once all is ready: ends the load, waits for rest, and stops the services.
void expect_all_in_order(Marketplace& market, Load& load);

MarketplaceOptions five_with_hold(const std::string& hold);

}  // namespace ticketing::test
