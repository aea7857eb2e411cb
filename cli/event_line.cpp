#include "event_line.hpp"

#include "table.hpp"
#include "ticketing/events/envelope.hpp"
#include "ticketing/events/events.hpp"

namespace ticketing::cli {
namespace {

constexpr std::size_t kPublisherWidth = 10;
constexpr std::size_t kOffsetWidth = 6;
constexpr std::size_t kSubjectWidth = 19;  // `expiration:complete`

std::string left(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string right(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string said(const UserFact& user) { return user.email; }

std::string said(const TicketFact& ticket) {
  const std::string text = ticket.title + ", " + ticket.price.to_text();
  return ticket.order_id ? text + ", held by order " + *ticket.order_id : text + ", free";
}

std::string said(const OrderFact& order) {
  std::string text{name_of(order.status)};
  if (order.reason) text += " (" + std::string{name_of(*order.reason)} + ")";
  return text + ", " + order.ticket.title + ", " + order.ticket.price.to_text();
}

std::string said(const ExpirationComplete& expiration) { return "order " + expiration.order_id; }
std::string said(const PaymentCreated& payment) {
  return payment.amount.to_text() + " for order " + payment.order_id;
}
std::string said(const PaymentFailed& payment) {
  return payment.reason + ", " + payment.amount.to_text() + " for order " + payment.order_id;
}
std::string said(const PaymentRefunded& payment) {
  return payment.amount.to_text() + " back for order " + payment.order_id;
}

template <Event... Es>
std::string summary_among(const Envelope& envelope) {
  std::string text;
  const bool known =
      ((envelope.type == Es::kSubject && (text = said(data_of<Es>(envelope)), true)) || ...);
  return known ? text : envelope.data.text;
}

}  // namespace

std::string summary_of(const Envelope& envelope) {
  try {
    return printable(summary_among<UserCreated, UserUpdated, TicketCreated, TicketUpdated,
                                   OrderCreated, OrderUpdated, OrderCancelled, ExpirationComplete,
                                   PaymentCreated, PaymentFailed, PaymentRefunded>(envelope));
  } catch (const Error&) {
    return printable(envelope.data.text);  // An event of another shape is shown as it came.
  }
}

std::string event_line(const TailedEvent& event) {
  return to_text(event.envelope.time) + "  " + timeless_event_line(event);
}

std::string timeless_event_line(const TailedEvent& event) {
  const Envelope& envelope = event.envelope;
  return left(printable(event.log), kPublisherWidth) + "  " +
         right('#' + std::to_string(envelope.offset), kOffsetWidth) + "  " +
         left(printable(envelope.type), kSubjectWidth) + "  " + printable(envelope.aggregate_id) +
         "  v" + std::to_string(envelope.version) + "  " + summary_of(envelope);
}

std::string brief_event_line(const TailedEvent& event) {
  return left(printable(event.log), kPublisherWidth) + "  " +
         right('#' + std::to_string(event.envelope.offset), kOffsetWidth) + "  " +
         left(printable(event.envelope.type), kSubjectWidth) + "  v" +
         std::to_string(event.envelope.version);
}

}  // namespace ticketing::cli
