#include "ticketing/http/client.hpp"

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <utility>

#include "http/listener.hpp"
#include "http/text.hpp"

namespace ticketing {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// httplib sends without MSG_NOSIGNAL, so a server that goes away would end the process.
void ignore_broken_pipes() {
  struct sigaction action {};
  if (::sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) {
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);
  }
}

http::HostPort place_of(std::string_view origin) {
  constexpr std::string_view kScheme = "http://";
  std::string_view place = origin;
  if (place.ends_with('/')) place.remove_suffix(1);
  const bool bare = place.find_first_of("/@?# ", kScheme.size()) == std::string_view::npos;
  if (!place.starts_with(kScheme) || !bare) {
    throw Error(ErrorCode::invalid,
                "not an origin of the form http://host:port: " + std::string{origin});
  }
  place.remove_prefix(kScheme.size());
  const bool has_port = place.rfind(':') != std::string_view::npos && !place.ends_with(']');
  return http::parse_host_port(has_port ? std::string{place} : std::string{place} + ":80");
}

/// A line break in any of these would smuggle in a second request.
void check_visible(std::string_view text, bool blanks_allowed) {
  for (const char c : text) {
    if ((c >= 0 && c < (blanks_allowed ? ' ' : '!')) || c == 0x7f) {
      throw Error(ErrorCode::invalid, "control character or blank in an HTTP request");
    }
  }
}

}  // namespace

class HttpClient::Impl {
 public:
  Impl(std::string_view origin, std::chrono::milliseconds timeout)
      : Impl(std::string{origin}, place_of(origin), timeout) {}

  Response send(std::string_view method, std::string_view path_and_query, const Headers& headers,
                std::string_view body) {
    httplib::Request request = build(method, path_and_query, headers, body);
    const auto end = SteadyClock::now() + timeout_;
    // httplib's own timeouts are for each read; this is for all of them.
#ifdef CPPHTTPLIB_VERSION_NUM  // Upstream, long after Debian's 0.11.4.
    request.download_progress = [end](auto, auto) { return SteadyClock::now() < end; };
#else
    request.progress = [end](auto, auto) { return SteadyClock::now() < end; };
#endif
    httplib::Result result = client_.send(request);
    if (!result) throw failure(result.error(), SteadyClock::now() >= end);
    return convert(std::move(*result));
  }

 private:
  Impl(std::string origin, const http::HostPort& place, std::chrono::milliseconds timeout)
      : origin_(std::move(origin)), timeout_(timeout), client_(place.host, std::stoi(place.port)) {
    ignore_broken_pipes();
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    // Callers encode; httplib would turn `+` into `%2B`.
#ifdef CPPHTTPLIB_VERSION_NUM
    client_.set_path_encode(false);
#else
    client_.set_url_encode(false);
#endif
    client_.set_decompress(false);
    client_.set_connection_timeout(timeout);
    client_.set_read_timeout(timeout);
    client_.set_write_timeout(timeout);
  }

  static httplib::Request build(std::string_view method, std::string_view path_and_query,
                                const Headers& headers, std::string_view body) {
    check_visible(method, false);
    check_visible(path_and_query, false);
    httplib::Request request;
    request.method = method;
    request.path = path_and_query;
    request.body = body;
    bool typed = body.empty();
    for (const auto& [name, value] : headers) {
      check_visible(name, false);
      check_visible(value, true);
      request.headers.emplace(name, value);
      typed = typed || http::same_ignoring_case(name, "Content-Type");
    }
    if (!typed) request.headers.emplace("Content-Type", "application/json");
    return request;
  }

  Error failure(httplib::Error error, bool late) const {
    const auto unavailable = [&](const std::string& what) {
      return Error(ErrorCode::unavailable, what);
    };
    const std::string cannot = "cannot reach " + origin_ + ": ";
    if (late || error == httplib::Error::ConnectionTimeout) {
      return unavailable(cannot + "no answer in time");
    }
    if (error == httplib::Error::Connection) {
      return unavailable(cannot + "connection refused; is the server running?");
    }
    return unavailable(cannot + "the connection broke (" + httplib::to_string(error) + ")");
  }

  static Response convert(httplib::Response&& from) {
    Response response;
    response.status = from.status;
    response.body = std::move(from.body);
    response.content_type = from.get_header_value("Content-Type");
    for (const auto& [name, value] : from.headers) response.headers.emplace_back(name, value);
    return response;
  }

  const std::string origin_;
  const std::chrono::milliseconds timeout_;
  httplib::Client client_;
};

HttpClient::HttpClient(std::string_view origin, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(origin, timeout)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

Response HttpClient::send(std::string_view method, std::string_view path_and_query,
                          const Headers& headers, std::string_view body) {
  return impl_->send(method, path_and_query, headers, body);
}

}  // namespace ticketing
