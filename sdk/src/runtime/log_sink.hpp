#pragma once
// The sink behind Logger: JSON lines on stderr, written by spdlog.

#include <memory>
#include <string_view>

#include "ticketing/core/log.hpp"

namespace ticketing::runtime {

/// `level`: debug, info, warning or error. Throws Error(invalid) for another.
std::unique_ptr<Logger> make_logger(std::string_view level);

}  // namespace ticketing::runtime
