#pragma once
// The Error that a call throws, for tests of what it says.

#include <gtest/gtest.h>

#include <exception>
#include <optional>

#include "ticketing/core/error.hpp"

namespace ticketing::test {

template <class F>
std::optional<Error> error_of(F call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

inline std::optional<Error> error_in(const std::exception_ptr& failure) {
  if (!failure) return std::nullopt;
  return error_of([&] { std::rethrow_exception(failure); });
}

/// For EXPECT_ERROR.
inline auto is_error_of(ErrorCode code) {
  return [code](const char* call, const std::optional<Error>& error) -> ::testing::AssertionResult {
    if (!error) return ::testing::AssertionFailure() << "nothing was thrown by " << call;
    if (error->code() == code) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << "threw " << policy_of(error->code()).word << " instead of " << policy_of(code).word
           << ": " << error->what();
  };
}

}  // namespace ticketing::test

/// `call` must throw an Error of this code. Takes a message behind it.
#define EXPECT_ERROR(expected_code, call)                            \
  EXPECT_PRED_FORMAT1(::ticketing::test::is_error_of(expected_code), \
                      ::ticketing::test::error_of([&] { static_cast<void>(call); }))
