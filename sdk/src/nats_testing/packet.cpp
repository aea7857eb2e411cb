#include "nats_testing/packet.hpp"

namespace ticketing::testing {

namespace {

std::string_view take_token(std::string_view& rest) {
  const std::size_t dot = rest.find('.');
  const std::string_view token = rest.substr(0, dot);
  rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  return token;
}

class OfPacket final : public Message::Content {
 public:
  explicit OfPacket(Packet packet) : packet_(std::move(packet)) {}
  std::string_view subject() const override { return packet_.subject; }
  std::string_view reply() const override { return packet_.reply; }
  std::string_view body() const override { return packet_.body; }
  std::optional<std::string_view> header(const char* name) const override {
    const std::string_view value = header_of(packet_, name);
    return value.empty() ? std::nullopt : std::optional{value};
  }

 private:
  Packet packet_;
};

}  // namespace

Packet status_packet(std::string to, int status, std::string description) {
  Packet packet{.subject = std::move(to), .headers = {{"Status", std::to_string(status)}}};
  if (!description.empty()) packet.headers.emplace_back("Description", std::move(description));
  return packet;
}

Message to_message(Packet packet) { return Message{std::make_unique<OfPacket>(std::move(packet))}; }

std::string_view header_of(const Packet& packet, std::string_view name) {
  for (const auto& [known, value] : packet.headers) {
    if (known == name) return value;
  }
  return {};
}

bool matches(std::string_view pattern, std::string_view subject) {
  while (!pattern.empty() && !subject.empty()) {
    const std::string_view wanted = take_token(pattern);
    if (wanted == ">") return true;
    const std::string_view token = take_token(subject);
    if (wanted != "*" && wanted != token) return false;
  }
  return pattern.empty() && subject.empty();
}

std::vector<std::string> tokens_behind(std::string_view prefix, std::string_view subject) {
  std::vector<std::string> tokens;
  subject.remove_prefix(prefix.size());
  while (!subject.empty()) tokens.emplace_back(take_token(subject));
  return tokens;
}

}  // namespace ticketing::testing
