#pragma once
// What an exception of whatever type says, for logs.

#include <exception>
#include <string>

#include "ticketing/core/error.hpp"

namespace ticketing::runtime {

inline std::string reason_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "not an exception type";
  }
}

/// True for an Error after which going on would make it worse.
inline bool says_stop(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return policy_of(error.code()).action == ListenerAction::stop;
  } catch (...) {
    return false;
  }
}

}  // namespace ticketing::runtime
