#include "ticketing/http/message.hpp"

#include <algorithm>

#include "http/text.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing {
namespace {

constexpr std::string_view kWentWrong = "Something went wrong";
constexpr std::string_view kTryLater = "Not available now, try again later";

/// Overload passes quickly; the limits on attempts are counted by the minute.
void add_retry_after(Response& response) {
  if (response.status == 503) response.with("Retry-After", "1");
  if (response.status == 429) response.with("Retry-After", "60");
}

void append_complaint(std::string& out, const FieldError& complaint) {
  out += R"({"message":)";
  append_json_string(out, complaint.message);
  if (!complaint.field.empty()) {
    out += R"(,"field":)";
    append_json_string(out, complaint.field);
  }
  out += R"(,"code":)";
  append_json_string(out, complaint.code);
  out += '}';
}

Response complaints_response(int status, const std::vector<FieldError>& complaints) {
  std::string body = R"({"errors":[)";
  for (const FieldError& complaint : complaints) {
    if (&complaint != complaints.data()) body += ',';
    append_complaint(body, complaint);
  }
  body += "]}";
  Response response = Response::json(status, std::move(body));
  add_retry_after(response);
  return response;
}

std::string_view without_quotes(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

/// Browsers send pieces without a name or without `=`; those are passed over.
std::optional<std::string_view> cookie_in(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::string_view piece = http::trimmed(http::take_until(list, ';'));
    const std::size_t equals = piece.find('=');
    if (equals != std::string_view::npos && http::trimmed(piece.substr(0, equals)) == name) {
      return without_quotes(http::trimmed(piece.substr(equals + 1)));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (http::same_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (!http::same_ignoring_case(key, "Cookie")) continue;
    if (const auto found = cookie_in(value, name)) return found;
  }
  return std::nullopt;
}

Response error_response(const Error& error) {
  const ErrorPolicy& policy = policy_of(error.code());
  if (policy.http_status == 500) return error_response(500, kWentWrong, "internal");
  // What is out of reach, and where, is no business of the client.
  if (policy.http_status == 503) {
    return error_response(503, kTryLater, error.word().empty() ? policy.word : error.word());
  }
  std::vector<FieldError> complaints = error.fields();
  for (FieldError& complaint : complaints) {
    if (complaint.code.empty()) complaint.code = policy.word;
  }
  return complaints_response(policy.http_status, complaints);
}

Response error_response(int status, std::string_view message, std::string_view code) {
  return complaints_response(status, {{std::string{message}, {}, std::string{code}}});
}

}  // namespace ticketing
