#include "ticketing/auth/middleware.hpp"

#include "http/text.hpp"

namespace ticketing {
namespace {

using http::same_ignoring_case;
using http::trimmed;

/// The token of an `Authorization: Bearer` value (RFC 6750); nullopt for any other scheme.
std::optional<std::string_view> bearer_token(std::string_view authorization) {
  const std::string_view value = trimmed(authorization);
  const std::size_t blank = value.find(' ');
  if (blank == std::string_view::npos || !same_ignoring_case(value.substr(0, blank), "bearer")) {
    return std::nullopt;
  }
  return trimmed(value.substr(blank));
}

/// Whether the body, if there is one, is declared as JSON. A form always declares its own type,
/// also when it is empty; a DELETE or a sign-out from a script has neither body nor type.
bool body_is_json_if_any(const Request& request) {
  const auto type = request.header("Content-Type");
  if (!type) return request.body.empty();
  return http::is_json_type(*type);
}

/// Whether an Origin, where a browser sent one, is this server as the browser addressed it. The
/// scheme is not compared: behind a proxy that ends TLS, it is not known.
bool origin_matches(const Request& request) {
  const std::optional<std::string_view> origin = request.header("Origin");
  if (!origin) return true;
  const std::string_view value = trimmed(*origin);
  const std::string_view host = trimmed(request.header("Host").value_or(""));
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (value.starts_with(scheme)) {
      return !host.empty() && same_ignoring_case(value.substr(scheme.size()), host);
    }
  }
  return false;
}

/// Browsers attach cookies to requests that other sites cause. A form cannot have a JSON type, and
/// a script of another site cannot set one without asking first (CORS), so a change with a body
/// needs one; for a script's change without a body there is the Origin that browsers send.
bool may_rely_on_cookie(const Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return true;
  return body_is_json_if_any(request) && origin_matches(request);
}

std::string cookie_text(std::string_view value, std::chrono::seconds max_age, bool secure) {
  std::string text(kSessionCookie);
  text += '=';
  text += value;
  text += "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(max_age.count());
  if (secure) text += "; Secure";
  return text;
}

}  // namespace

std::optional<Identity> identify(const Request& request, TokenVerifier& verifier, Timestamp now) {
  if (const auto authorization = request.header("Authorization")) {
    // No second try with the cookie: a caller who names credentials means those.
    const auto token = bearer_token(*authorization);
    return token ? verifier.verify(*token, now) : std::nullopt;
  }
  const auto token = request.cookie(kSessionCookie);
  if (!token || !may_rely_on_cookie(request)) return std::nullopt;
  return verifier.verify(*token, now);
}

std::string session_cookie(std::string_view token, milliseconds lifetime, bool secure) {
  return cookie_text(token, std::chrono::floor<std::chrono::seconds>(lifetime), secure);
}

std::string cleared_session_cookie(bool secure) {
  return cookie_text("", std::chrono::seconds{0}, secure);
}

}  // namespace ticketing
