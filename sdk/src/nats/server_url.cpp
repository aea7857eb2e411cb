#include "nats/server_url.hpp"

#include <charconv>

#include "ticketing/core/error.hpp"

namespace ticketing::nats_driver {

namespace {

constexpr std::string_view kTls = "tls://";
constexpr std::string_view kPlain = "nats://";
constexpr int kReplicasMax = 5;

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(by);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

void set_option(ServerUrl& url, std::string_view option) {
  const std::size_t equals = option.find('=');
  const std::string_view name = option.substr(0, equals);
  const std::string value{equals == std::string_view::npos ? "" : option.substr(equals + 1)};
  if (name == "replicas") {
    const auto end = std::from_chars(value.data(), value.data() + value.size(), url.replicas).ptr;
    const bool is_number = !value.empty() && end == value.data() + value.size();
    if (is_number && url.replicas >= 1 && url.replicas <= kReplicasMax) return;
    throw Error(ErrorCode::invalid, "the bus's URL: replicas is 1 to 5, as in replicas=3");
  }
  for (const auto& [known, place] :
       {std::pair{"ca", &url.ca_file}, std::pair{"cert", &url.certificate_file},
        std::pair{"key", &url.key_file}, std::pair{"creds", &url.credentials_file}}) {
    if (name != known) continue;
    *place = value;
    return;
  }
  throw Error(ErrorCode::invalid, "the bus's URL: there is no option \"" + std::string{name} +
                                      "\"; there are ca, cert, key, creds and replicas");
}

}  // namespace

ServerUrl ServerUrl::parse(const std::string& text) {
  ServerUrl url;
  const std::size_t question = text.find('?');
  for (const std::string_view server : split(std::string_view{text}.substr(0, question), ',')) {
    const bool is_tls = server.starts_with(kTls);
    const std::string_view scheme = is_tls ? kTls : kPlain;
    if (!server.starts_with(scheme) || server.size() == scheme.size()) {
      throw Error(ErrorCode::invalid,
                  "the bus's URL does not name a server; write nats://HOST:4222, and several of "
                  "them separated by commas");
    }
    url.is_encrypted |= is_tls;
    url.servers.emplace_back(server);
  }
  if (question == std::string::npos) return url;
  for (const auto option : split(std::string_view{text}.substr(question + 1), '&')) {
    set_option(url, option);
  }
  if (url.certificate_file.empty() != url.key_file.empty()) {
    throw Error(ErrorCode::invalid, "the bus's URL: cert and key go together; give both files");
  }
  return url;
}

std::string ServerUrl::shown() const {
  std::string text;
  for (const std::string& server : servers) {
    const std::size_t host = server.find("://") + 3;
    const std::size_t at = server.rfind('@');
    if (!text.empty()) text += ',';
    text += server.substr(0, host);
    text += server.substr(at == std::string::npos ? host : at + 1);
  }
  return text;
}

}  // namespace ticketing::nats_driver
