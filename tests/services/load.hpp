#pragma once
// Load: clients who sell, reprice, order, pay and cancel at random, each on a thread of its own,
// and who keep a diary of every write that was answered. What is down is asked again, under the
// same idempotency key, until it answers.

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/eventually.hpp"
#include "support/marketplace.hpp"
#include "support/visitor.hpp"

namespace ticketing::test {

/// What one client was answered. Ids only, and what must be true of them ever after.
struct Diary {
  std::map<std::string, std::int64_t> tickets;  ///< The highest version that was answered.
  std::vector<std::string> orders;
  std::vector<std::string> cancelled;                         ///< Orders.
  std::vector<std::pair<std::string, std::string>> payments;  ///< Payment and order.
  std::vector<std::pair<std::string, std::string>> accounts;  ///< Email and id.
  std::vector<std::string> signed_out;                        ///< Tokens.
};

class Load {
 public:
  /// Signs up `clients`.
  Load(Visitor::OriginOf origin_of, std::size_t clients);
  /// Borrows `market`.
  Load(const Marketplace& market, std::size_t clients)
      : Load([&market](std::string_view path) { return market.origin_of(path); }, clients) {}
  ~Load() { stop(); }

  void start();
  /// Lets each client finish what it is at.
  void stop();
  /// Writes that were answered so far.
  std::int64_t answered() const { return answered_; }
  /// Waits for so many more; false when they do not come in time.
  bool answers(std::int64_t more, std::chrono::milliseconds deadline = kDeadline) const {
    const std::int64_t goal = answered_ + more;
    return eventually([&] { return answered_ >= goal; }, deadline);
  }
  /// Writes that `origin` answered with "not now", each time that they were tried.
  std::int64_t turned_away(const std::string& origin) const;
  /// Answers that no client should ever get, as a 500; at most a few of them.
  std::vector<std::string> complaints() const;

  std::size_t size() const { return clients_.size(); }
  Visitor& visitor(std::size_t client) { return clients_[client].visitor; }
  const Diary& diary(std::size_t client) const { return clients_[client].diary; }

 private:
  struct Client {
    Visitor visitor;
    Diary diary;
    std::minstd_rand random;
    std::deque<OrderAnswer> unpaid = {};  ///< To be paid or cancelled at the last moment.
  };

  void run(Client& client);
  void step(Client& client);
  void sell(Client& client);
  void edit(Client& client);
  void buy(Client& client);
  void cancel(Client& client, const std::string& order);
  void pay(Client& client, const std::string& order);
  void join(Client& client);
  /// Until it is answered by other than "not now".
  Response write(Client& client, const std::string& method, const std::string& path,
                 const std::string& body = {});
  void turn_away(const std::string& path, const Response& answer);
  void complain(const std::string& what);

  const Visitor::OriginOf origin_of_;
  std::vector<Client> clients_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> answered_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> complaints_;
  std::map<std::string, std::int64_t> turned_away_;  ///< By origin.
};

}  // namespace ticketing::test
