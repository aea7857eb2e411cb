#pragma once
// Who may call: reads credentials from a request, and writes the session cookie into an answer.
//
// Pure but for the verifier's cache: any thread.

#include <optional>
#include <string>
#include <string_view>

#include "ticketing/auth/tokens.hpp"
#include "ticketing/http/message.hpp"

namespace ticketing {

inline constexpr std::string_view kSessionCookie = "session";

/// Whether a route wants to know who calls.
enum class Access {
  open,          ///< Anyone; broken credentials mean anonymous.
  require_user,  ///< 401 without a valid token.
};

/// The caller, from `Authorization: Bearer` or, failing that, the session cookie.
/// A change (any method but GET and HEAD) that relies on the cookie must declare its body, if it
/// has one, as JSON, and an Origin, if one is sent, must match Host; else it is anonymous (CSRF
/// rule).
std::optional<Identity> identify(const Request& request, TokenVerifier& verifier, Timestamp now);

/// `Set-Cookie` for a fresh token; `secure` unless in development mode.
std::string session_cookie(std::string_view token, milliseconds lifetime, bool secure);
/// `Set-Cookie` that clears it.
std::string cleared_session_cookie(bool secure);

}  // namespace ticketing
