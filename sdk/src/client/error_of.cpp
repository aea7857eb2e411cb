#include <optional>
#include <string>
#include <vector>

#include "client/headers.hpp"
#include "ticketing/client/client.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing {
namespace {

struct Complaint {
  std::string message;
  std::optional<std::string> field_name;
  std::optional<std::string> code;

  static constexpr std::array kFields{
      field<&Complaint::message>("message"),
      field<&Complaint::field_name>("field"),
      field<&Complaint::code>("code"),
  };
};

struct ErrorBody {
  std::vector<Complaint> errors;

  static constexpr std::array kFields{field<&ErrorBody::errors>("errors")};
};

/// The body's complaints; none when it is not an error body (a proxy's page, an empty answer).
std::vector<FieldError> complaints_of(const Response& response) {
  std::vector<FieldError> complaints;
  try {
    for (Complaint& complaint : from_json<ErrorBody>(response.body).errors) {
      complaints.push_back({std::move(complaint.message), complaint.field_name.value_or(""),
                            complaint.code.value_or("")});
    }
  } catch (const Error&) {
    // Whoever answered does not speak this API; the status still says what to do.
  }
  return complaints;
}

ErrorCode code_of(int status, bool has_field) {
  switch (status) {
    case 400:
      return has_field ? ErrorCode::invalid : ErrorCode::refused;
    case 401:
      return ErrorCode::unauthorized;
    case 404:
      return ErrorCode::not_found;
    case 412:
      return ErrorCode::conflict;
    case 429:
      return ErrorCode::exhausted;
    default:
      break;
  }
  if (status >= 500) return ErrorCode::unavailable;
  return status >= 400 ? ErrorCode::invalid : ErrorCode::corrupt;
}

/// A failure inside the server tells no detail, but its log does, under the request's id.
std::string reference_of(const Response& response) {
  const auto id = header_of(response, "x-request-id");
  return response.status >= 500 && id ? " (request " + std::string{*id} + ")" : std::string{};
}

}  // namespace

Error error_of(const Response& response) {
  std::vector<FieldError> complaints = complaints_of(response);
  bool has_field = false;
  for (const FieldError& complaint : complaints) has_field |= !complaint.field.empty();
  const ErrorCode code = code_of(response.status, has_field);
  if (code == ErrorCode::invalid && has_field) return Error{std::move(complaints)};

  const std::string word = complaints.empty() ? std::string{} : complaints.front().code;
  const std::string message = complaints.empty()
                                  ? "the server answered HTTP " + std::to_string(response.status)
                                  : complaints.front().message;
  // 400 and not 401 by contract, so that it is like a wrong field to whoever guesses.
  const bool is_unknown = word == "invalid_credentials";
  return Error{is_unknown ? ErrorCode::unauthorized : code, message + reference_of(response), word};
}

}  // namespace ticketing
