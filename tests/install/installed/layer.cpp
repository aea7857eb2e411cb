// A ticket's event out of JSON and back, with the events layer alone: prints the same text.
#include <iostream>

#include "ticketing/core/json.hpp"
#include "ticketing/events/events.hpp"

int main() {
  const auto ticket = ticketing::from_json<ticketing::TicketCreated>(
      R"({"id":"t1","version":0,"title":"Front row","price":19.99,"userId":"u1"})");
  std::cout << ticketing::to_json(ticket) << '\n';
}
