#include "ticketing/core/error.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace ticketing {
namespace {

// Indexed by ErrorCode. Exit statuses are those of ticketctl; 2 is kept for wrong usage.
constexpr std::array<ErrorPolicy, 8> kPolicies{{
    {"invalid", 400, 1, ListenerAction::dead_letter},
    {"unauthorized", 401, 4, ListenerAction::dead_letter},
    {"not_found", 404, 3, ListenerAction::dead_letter},
    {"refused", 400, 5, ListenerAction::dead_letter},
    {"conflict", 412, 5, ListenerAction::retry},
    {"exhausted", 429, 6, ListenerAction::retry},
    {"unavailable", 503, 6, ListenerAction::retry},
    {"corrupt", 500, 1, ListenerAction::stop},
}};

const std::string& first_message(const std::vector<FieldError>& fields) {
  TICKETING_ASSERT(!fields.empty());
  return fields.front().message;
}

}  // namespace

const ErrorPolicy& policy_of(ErrorCode code) noexcept {
  const auto index = static_cast<std::size_t>(code);
  TICKETING_ASSERT(index < kPolicies.size());
  return kPolicies[index];
}

Error::Error(ErrorCode code, const std::string& message, std::string word)
    : std::runtime_error(message),
      code_(code),
      word_(word.empty() ? std::string(policy_of(code).word) : std::move(word)),
      fields_{{message, "", word_}} {}

Error::Error(std::vector<FieldError> fields)
    : std::runtime_error(first_message(fields)),
      code_(ErrorCode::invalid),
      word_(policy_of(ErrorCode::invalid).word),
      fields_(std::move(fields)) {}

bool has_word(const std::exception_ptr& failure, std::string_view word) {
  if (!failure) return false;
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.word() == word;
  } catch (...) {  // Somebody else's.
    return false;
  }
}

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
  std::abort();
}

}  // namespace ticketing
