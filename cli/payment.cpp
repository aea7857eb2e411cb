// Payments: pay.

#include "invocation.hpp"
#include "verbs.hpp"
#include "watch.hpp"

namespace ticketing::cli {
namespace {

struct PayOptions {
  std::string order;
  std::string token;
  WatchOptions watch;
};

PayOptions parse_pay(const Arguments& arguments) {
  PayOptions options{arguments.text("ORDER"), arguments.text("token"), parse_watch(arguments)};
  // No default: a card is charged only when someone named it.
  if (options.token.empty()) throw usage_error("which card? pass --token, as in --token tok_visa");
  return options;
}

/// A declined card is an event, too, and the order is cancelled for it unless it may take another
/// card, which the services know.
void watch_decline(Watch& watch, Invocation& invocation) {
  watch.flow().expect_payment();
  if (!watch.comes_to_rest()) invocation.output().note("left at: " + watch.flow().owed());
}

void pay(const PayOptions& options, Invocation& invocation) {
  Watch watch{options.watch, invocation, {"tickets", "orders", "payments"}};
  Client client = invocation.client(watch.request());
  watch.follow_order(client, options.order);
  try {
    invocation.output().record(client.pay(options.order, options.token));
  } catch (const Error& error) {
    if (error.word() == "card_declined") watch_decline(watch, invocation);
    throw;
  }
  watch.flow().expect_payment();
  watch.until_rest();
  watch.refuse_cancelled();
}

}  // namespace

void pay_order(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_pay, &pay>(arguments, invocation);
}

}  // namespace ticketing::cli
