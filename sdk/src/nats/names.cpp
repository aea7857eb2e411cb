#include "nats/names.hpp"

namespace ticketing::nats_driver {

namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::string token(std::string_view text) {
  if (text.empty()) return "%";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_plain(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out;
}

LogNames::LogNames(std::string_view log) {
  const std::string name = token(log);
  const std::string prefix = "ticketing." + name;
  stream = "TICKETING-" + name;
  events = prefix + ".events";
  report = prefix + ".report";
  join = prefix + ".join";
  beat = prefix + ".beat";
  fetch_ = prefix + ".fetch";
}

std::string LogNames::subject_of(std::string_view event_subject) const {
  std::string subject = events;
  while (true) {
    const std::size_t colon = event_subject.find(':');
    subject.append(1, '.').append(token(event_subject.substr(0, colon)));
    if (colon == std::string_view::npos) return subject;
    event_subject.remove_prefix(colon + 1);
  }
}

}  // namespace ticketing::nats_driver
