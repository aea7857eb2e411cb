#pragma once
// Crowd: clients who all go for the same few tickets at once: order, pay, cancel, edit and look, in
// bursts, some of them at the moment at which an order expires. Every call is recorded.
//
// Several clients are the same buyer, as tabs of one browser: only so do cancelling and paying
// meet. Used by the test's main thread, which starts a thread for each client and joins it.

#include <barrier>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "recorder.hpp"
#include "support/marketplace.hpp"
#include "support/visitor.hpp"

namespace ticketing::linear {

/// One ticket, what is known of it to all clients, and its history.
class Stage {
 public:
  explicit Stage(const TicketAnswer& ticket);

  struct Made {
    std::string id;
    std::size_t buyer;
    Instant expires_at{};  ///< Of orders.
  };
  void add_order(Made order);
  void add_charge(Made charge);
  /// The buyer's newest order, or now and then an older one; nullopt: none yet.
  std::optional<Made> order_of(std::size_t buyer, std::minstd_rand& random) const;
  std::optional<Made> charge_of(std::size_t buyer, std::minstd_rand& random) const;
  /// When the newest order expires; nullopt: none yet.
  std::optional<Instant> next_expiry() const;
  std::vector<Made> orders() const;
  std::vector<Made> charges() const;

  const std::string ticket;
  Recorder recorder;

 private:
  mutable std::mutex mutex_;
  std::vector<Made> orders_;
  std::vector<Made> charges_;
};

class Crowd {
 public:
  static constexpr std::size_t kClients = 16;
  static constexpr std::size_t kBuyers = 4;

  /// Signs up. Borrows `market`.
  Crowd(const test::Marketplace& market, unsigned seed);

  /// The histories of `tickets` new tickets, over when all has come to rest. Throws
  /// std::runtime_error when it does not.
  std::vector<History> histories(std::size_t tickets);

 private:
  struct Client {
    std::size_t number;
    test::Visitor buyer;
    test::Visitor seller;  ///< The seller's token, over connections of this client.
    std::minstd_rand random;
    std::size_t buyer_number() const { return number % kBuyers; }
  };
  using Stages = std::vector<std::unique_ptr<Stage>>;

  Stages open(std::size_t tickets);
  void play(Client& client, Stages& stages, std::barrier<>& together);
  void act(Client& client, Stage& stage, std::size_t burst);
  void order(Client& client, Stage& stage);
  void cancel(Client& client, Stage& stage, const std::string& id);
  void pay(Client& client, Stage& stage, const std::string& id, bool good_card);
  void edit(Client& client, Stage& stage);
  void look_at_order(Client& client, Stage& stage, const std::string& id);
  void look_at_ticket(Client& client, Stage& stage);
  void look_at_charge(Client& client, Stage& stage, const std::string& id);
  /// Waits for the end of all orders and for all events, and looks at all that there is.
  void close(Stage& stage);
  void close(Stages& stages);

  const test::Marketplace& market_;
  std::vector<Client> clients_;
};

}  // namespace ticketing::linear
