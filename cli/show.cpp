// show: whatever an id names. An id does not tell its kind, so the services are asked in turn.

#include "invocation.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

struct ShowOptions {
  std::string id;
};

/// What the id names; exactly one is there. In JSON the field's name tells the kind.
struct Shown {
  std::optional<TicketAnswer> ticket;
  std::optional<OrderAnswer> order;
  std::optional<ChargeAnswer> payment;

  static constexpr std::array kFields{
      field<&Shown::ticket>("ticket"),
      field<&Shown::order>("order"),
      field<&Shown::payment>("payment"),
  };
};

/// Runs `find`; false when it names nothing, or nothing that the caller may see.
template <class F>
bool finds(F find, bool& hidden) {
  try {
    find();
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::unauthorized) {
      hidden = true;
    } else if (error.code() != ErrorCode::not_found) {
      throw;
    }
    return false;
  }
}

ShowOptions parse_show(const Arguments& arguments) { return {arguments.text("ID")}; }

void show_any(const ShowOptions& options, Invocation& invocation) {
  Client client = invocation.client();
  Shown shown;
  bool hidden = false;
  const bool found = finds([&] { shown.ticket = client.ticket(options.id); }, hidden) ||
                     finds([&] { shown.order = client.get_order(options.id); }, hidden) ||
                     finds([&] { shown.payment = client.payment(options.id); }, hidden);
  if (found) return invocation.output().record(shown);
  if (hidden) {
    throw Error{ErrorCode::unauthorized,
                options.id + " is no ticket; orders and payments are shown to their owner only"};
  }
  throw Error{ErrorCode::not_found, "no ticket, order or payment of yours is called " + options.id};
}

}  // namespace

void show(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_show, &show_any>(arguments, invocation);
}

}  // namespace ticketing::cli
