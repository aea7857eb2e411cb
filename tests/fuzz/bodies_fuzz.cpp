// JSON of every request body and every event: what is read, is read again from what is written of
// it; what is refused, is refused with complaints that fit into an answer. The first byte chooses.

#include <array>

#include "auth/user.hpp"
#include "fuzz/target.hpp"
#include "orders/order.hpp"
#include "payments/charge.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/http/message.hpp"
#include "tickets/ticket.hpp"

namespace ticketing::fuzz {
namespace {

/// The body of every error answer, as a client reads it.
struct Complaint {
  std::string message;
  std::optional<std::string> field_name;
  std::string code;
  static constexpr std::array kFields{field<&Complaint::message>("message", Rule::text(1, 1'000)),
                                      field<&Complaint::field_name>("field"),
                                      field<&Complaint::code>("code", Rule::text(1, 64))};
};
struct Complaints {
  std::vector<Complaint> errors;
  static constexpr std::array kFields{field<&Complaints::errors>("errors")};
};

void check_refusal(const Error& error) {
  TICKETING_ASSERT(error.code() == ErrorCode::invalid);
  const Response answer = error_response(error);
  TICKETING_ASSERT(answer.status == 400);
  const auto complaints = from_json<Complaints>(answer.body);
  TICKETING_ASSERT(!complaints.errors.empty() && complaints.errors.size() <= 32);
}

/// Unknown fields are ignored, and a list holds what its elements are.
template <Record T>
void check_around(const std::string& text) {
  std::string wider = text;
  wider.insert(wider.size() - 1, R"(,"later":[{"version":1e9},"\u00e9",null])");
  TICKETING_ASSERT(to_json(from_json<T>(wider)) == text);
  const auto list = list_from_json<T>('[' + text + ',' + text + ']');
  TICKETING_ASSERT(list.size() == 2 && to_json(list[1]) == text);
}

template <Record T>
void check_as(std::string_view text) {
  std::optional<T> value;
  if (const auto error = error_of([&] { value = from_json<T>(text); })) {
    return check_refusal(*error);
  }
  const std::string written = to_json(*value);
  TICKETING_ASSERT(is_utf8(written));
  TICKETING_ASSERT(to_json(from_json<T>(written)) == written);
  check_around<T>(written);
}

constexpr std::array kChecks{
    &check_as<auth::SignUp>,       &check_as<auth::SignIn>,       &check_as<auth::NewPassword>,
    &check_as<tickets::NewTicket>, &check_as<orders::NewOrder>,   &check_as<payments::NewPayment>,
    &check_as<UserCreated>,        &check_as<UserUpdated>,        &check_as<TicketCreated>,
    &check_as<TicketUpdated>,      &check_as<OrderCreated>,       &check_as<OrderUpdated>,
    &check_as<OrderCancelled>,     &check_as<ExpirationComplete>, &check_as<PaymentCreated>,
    &check_as<PaymentFailed>,      &check_as<PaymentRefunded>,
};

}  // namespace

void check(std::string_view input) {
  const std::size_t kind = take_byte(input);
  kChecks[kind % kChecks.size()](input);
}

}  // namespace ticketing::fuzz
