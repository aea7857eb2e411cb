#include "simulation/bank.hpp"

#include "ticketing/core/error.hpp"

namespace simulation {

class Bank::Provider final : public payments::PaymentProvider {
 public:
  explicit Provider(Bank& bank) : bank_(bank) {}

  payments::ChargeOutcome charge(std::string_view key, Money amount,
                                 std::string_view token) override {
    bank_.take_time();
    const auto [known, is_new] = bank_.answers_.try_emplace(std::string{key});
    if (is_new) {
      known->second = sandbox_.charge(key, amount, token);
      if (known->second.ok) bank_.charges_[known->second.id] = {amount.cents(), {}};
    } else if (known->second.ok && bank_.charges_.at(known->second.id).cents != amount.cents()) {
      bank_.world_.fail(
          testing::Broken("I7", "a key was used for two charges", {std::string{key}}));
    }
    const payments::ChargeOutcome outcome = known->second;
    bank_.take_time();
    return outcome;
  }

  std::string refund(std::string_view key, std::string_view charge_id, Money amount) override {
    bank_.take_time();
    const auto charge = bank_.charges_.find(std::string{charge_id});
    if (charge == bank_.charges_.end() || charge->second.cents != amount.cents()) {
      bank_.world_.fail(
          testing::Broken("I7", "a refund of what was not charged", {std::string{key}}));
      throw Error(ErrorCode::invalid, "no such charge");
    }
    std::string& given_back = charge->second.refund_key;
    if (!given_back.empty() && given_back != key) {
      bank_.world_.fail(testing::Broken("I7", "a charge was refunded twice", {std::string{key}}));
    }
    given_back = key;
    bank_.take_time();
    return sandbox_.refund(key, charge_id, amount);
  }

 private:
  Bank& bank_;
  payments::SandboxProvider sandbox_;
};

/// Once before the bank acts and once after it: a call that fails may have been carried out.
void Bank::take_time() {
  world_.pause(random_.up_to(delay_max));
  if (fails_now()) throw Error(ErrorCode::unavailable, "the bank does not answer");
}

std::unique_ptr<payments::PaymentProvider> Bank::provider() {
  return std::make_unique<Provider>(*this);
}

std::int64_t Bank::balance_cents() const {
  std::int64_t cents = 0;
  for (const auto& [id, charge] : charges_) {
    if (charge.refund_key.empty()) cents += charge.cents;
  }
  return cents;
}

}  // namespace simulation
