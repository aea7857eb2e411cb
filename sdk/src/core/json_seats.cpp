#include "core/json_seats.hpp"

namespace ticketing::json {

std::unique_ptr<Seats::Seat> seat_for(std::size_t bytes) {
  static Seats seats{1};
  return bytes > kSmallTextMax ? std::make_unique<Seats::Seat>(seats) : nullptr;
}

}  // namespace ticketing::json
