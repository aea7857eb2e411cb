#pragma once
// What a call was refused with, as one line that tests can compare.

#include <string>
#include <utility>

#include "ticketing/core/error.hpp"

namespace services_unit {

/// `refused/ticket_reserved: Cannot edit a reserved ticket`, or `none` when nothing was thrown.
template <class F>
std::string refusal(F&& call) {
  try {
    std::forward<F>(call)();
  } catch (const ticketing::Error& error) {
    return std::string{policy_of(error.code()).word} + "/" + error.word() + ": " + error.what();
  }
  return "none";
}

}  // namespace services_unit
