#include "nats/frames.hpp"

#include <charconv>

#include "ticketing/core/error.hpp"

namespace ticketing::nats_driver {

std::string pack(const wire::Frames& frames) {
  std::string packed;
  std::size_t size = 0;
  for (const std::string& frame : frames) size += frame.size() + 12;
  packed.reserve(size);
  for (const std::string& frame : frames) {
    packed.append(std::to_string(frame.size())).append(1, '\n').append(frame);
  }
  return packed;
}

wire::Frames unpack(std::string_view packed) {
  wire::Frames frames;
  while (!packed.empty()) {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(packed.data(), packed.data() + packed.size(), size);
    const auto digits = static_cast<std::size_t>(end - packed.data());
    if (error != std::errc{} || digits >= packed.size() || *end != '\n' ||
        size > packed.size() - digits - 1) {
      throw Error(ErrorCode::invalid, "malformed message: frames without their lengths");
    }
    frames.emplace_back(packed.substr(digits + 1, size));
    packed.remove_prefix(digits + 1 + size);
  }
  return frames;
}

}  // namespace ticketing::nats_driver
