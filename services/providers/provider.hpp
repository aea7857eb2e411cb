#pragma once
// PaymentProvider: the seam to whoever moves the money, and the sandbox that moves none.
//
// Calls may block and may be repeated: under the same key a provider acts once and answers the
// same again; keys are unique over charges and refunds together. Any thread. Throws
// Error(unavailable) when the outcome is not known: call again with the same key. A declined card
// is an answer.

#include <memory>
#include <string>
#include <string_view>

#include "ticketing/core/money.hpp"

namespace payments {

struct ChargeOutcome {
  bool ok = false;
  std::string id;      ///< The provider's name for the charge, when ok.
  std::string reason;  ///< What the payer is told, when declined.
};

class PaymentProvider {
 public:
  virtual ~PaymentProvider() = default;
  virtual ChargeOutcome charge(std::string_view key, ticketing::Money amount,
                               std::string_view token) = 0;
  /// Gives `amount` of the provider's charge `charge_id` back; returns the refund's id.
  virtual std::string refund(std::string_view key, std::string_view charge_id,
                             ticketing::Money amount) = 0;
};

/// Behaves like Stripe's test mode (docs.stripe.com/testing): its test tokens succeed or are
/// declined, any other is unknown. Ids follow from the key, so it needs no memory to be repeatable.
class SandboxProvider final : public PaymentProvider {
 public:
  ChargeOutcome charge(std::string_view key, ticketing::Money amount,
                       std::string_view token) override;
  std::string refund(std::string_view key, std::string_view charge_id,
                     ticketing::Money amount) override;
};

/// The provider of that name. Throws Error(invalid) when there is none.
std::unique_ptr<PaymentProvider> make_provider(std::string_view name);

}  // namespace payments
