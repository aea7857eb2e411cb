// Payments: pay.

#include "invocation.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

struct PayOptions {
  std::string order;
  std::string token;
};

PayOptions parse_pay(const Arguments& arguments) {
  PayOptions options{arguments.text("ORDER"), arguments.text("token")};
  // No default: a card is charged only when someone named it.
  if (options.token.empty()) throw usage_error("which card? pass --token, as in --token tok_visa");
  return options;
}

void pay(const PayOptions& options, Invocation& invocation) {
  invocation.output().record(invocation.client().pay(options.order, options.token));
}

}  // namespace

void pay_order(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_pay, &pay>(arguments, invocation);
}

}  // namespace ticketing::cli
