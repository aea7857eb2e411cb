// Who calls: nobody without the token, and no change by cookie that another site could have caused.
// The input is the method and header lines, then an empty line and the body; `$T` is a good token.

#include "fuzz/target.hpp"
#include "http/text.hpp"
#include "ticketing/auth/middleware.hpp"
#include "unit/auth/forge.hpp"

namespace ticketing::fuzz {
namespace {

const std::string& token() {
  static const std::string token = testing::Forgery{}.token();
  return token;
}

TokenVerifier& verifier() {
  static TokenVerifier verifier;
  if (!verifier.has_keys()) verifier.set_keys(testing::keys_of(1));
  return verifier;
}

std::string with_token(std::string text) {
  for (auto at = text.find("$T"); at != text.npos; at = text.find("$T", at + token().size())) {
    text.replace(at, 2, token());
  }
  return text;
}

Request request_of(std::string_view input) {
  Request request;
  request.method = take_until(input, '\n');
  for (auto line = take_until(input, '\n'); !line.empty(); line = take_until(input, '\n')) {
    const std::string name{take_until(line, ':')};
    request.headers.emplace_back(name, with_token(std::string{http::trimmed(line)}));
  }
  request.body = input;
  return request;
}

bool caller_of(const Request& request) {
  const auto identity = identify(request, verifier(), testing::kNow);
  TICKETING_ASSERT(!identity || identity->user_id == "user-1");
  return identity.has_value();
}

/// The rule against forged requests, said another way than the middleware says it.
void check_change_by_cookie(const Request& request) {
  const auto type = request.header("Content-Type");
  constexpr std::string_view kJson = "application/json";
  TICKETING_ASSERT(type || request.body.empty());
  TICKETING_ASSERT(!type || http::same_ignoring_case(type->substr(0, kJson.size()), kJson));
  const auto origin = request.header("Origin");
  const std::string host{request.header("Host").value_or("")};
  TICKETING_ASSERT(!origin || http::same_ignoring_case(*origin, "http://" + host) ||
                   http::same_ignoring_case(*origin, "https://" + host));
}

void check_known_caller(const Request& request) {
  const auto authorization = request.header("Authorization");
  const auto cookie = request.cookie(kSessionCookie);
  TICKETING_ASSERT(authorization ? authorization->ends_with(token()) : cookie == token());
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!authorization && !reads) check_change_by_cookie(request);
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

}  // namespace

void check(std::string_view input) {
  Request request = request_of(input);
  const bool known = caller_of(request);
  if (known) check_known_caller(request);
  for (auto& header : request.headers) header.first = upper(header.first);
  TICKETING_ASSERT(caller_of(request) == known);
  std::erase_if(request.headers, [](const auto& header) {
    return header.second.find(token()) != header.second.npos;
  });
  TICKETING_ASSERT(!caller_of(request));
}

}  // namespace ticketing::fuzz
