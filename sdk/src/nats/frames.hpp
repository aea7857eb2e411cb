#pragma once
// Several frames of the wire format as one NATS message: each is its length in bytes as decimal
// digits, a newline, and that many bytes. Pure functions: any thread. Throws Error(invalid).

#include <string>
#include <string_view>

#include "ticketing/messaging/wire.hpp"

namespace ticketing::nats_driver {

std::string pack(const wire::Frames& frames);
wire::Frames unpack(std::string_view packed);

}  // namespace ticketing::nats_driver
