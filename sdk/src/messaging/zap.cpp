#include "messaging/zap.hpp"

#include <zmq.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "ticketing/core/error.hpp"

namespace ticketing::zap {

namespace {

constexpr std::string_view kVersion = "1.0";
constexpr std::string_view kCurve = "CURVE";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kFramesBeforeCredentials = 6;

std::string z85_of(const std::string& key) {
  std::array<char, 41> text{};
  if (key.size() != kKeyBytes) return {};
  ::zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(key.data()), key.size());
  return text.data();
}

/// A question without subjects is one for all of them.
bool may_have(const AllowedPeer& reader, const std::vector<std::string>& subjects) {
  if (subjects.empty()) return reader.reads_all();
  return std::all_of(subjects.begin(), subjects.end(),
                     [&](const std::string& subject) { return reader.may_read(subject); });
}

std::string first_forbidden(const AllowedPeer& reader, const std::vector<std::string>& subjects) {
  for (const std::string& subject : subjects) {
    if (!reader.may_read(subject)) return subject;
  }
  return "all subjects";
}

/// Whom the line is about; empty: nobody.
std::string consumer_in(const std::string& line) {
  if (wire::is_report(line)) return wire::decode_report(line).reader.consumer;
  const wire::FetchRequest request = wire::decode_fetch_request(line);
  return request.reader ? request.reader->consumer : std::string{};
}

}  // namespace

std::optional<Request> decode(const wire::Frames& frames) {
  if (frames.size() < kFramesBeforeCredentials || frames[0] != kVersion) return std::nullopt;
  Request request{frames[1], frames[2], frames[3], frames[5], {}};
  if (request.mechanism == kCurve && frames.size() == kFramesBeforeCredentials + 1) {
    request.public_key = z85_of(frames.back());
  }
  return request;
}

Verdict judge(const Request& request, const AllowList& allowed) {
  Verdict verdict;
  if (!request.public_key.empty()) verdict.peer = allowed.by_key(request.public_key);
  if (verdict.peer == nullptr) {
    verdict.refusal = kUnknownKey;
  } else if (verdict.peer->subjects.empty() ||
             (request.domain == kLive && !verdict.peer->reads_all())) {
    verdict.refusal = kNotAllowed;
  }
  return verdict;
}

wire::Frames encode(const Request& request, const Verdict& verdict) {
  const bool in = verdict.refusal.empty();
  return {std::string{kVersion},
          request.id,
          in ? "200" : "400",
          std::string{verdict.refusal},
          in ? verdict.peer->name() : std::string{},
          {}};
}

std::optional<wire::Frames> refuse_fetch(const AllowedPeer& reader, const std::string& line) {
  if (reader.reads_all()) return std::nullopt;
  wire::FetchAnswer answer;
  try {
    const wire::FetchRequest request = wire::decode_fetch_request(line);
    if (may_have(reader, request.query.subjects)) return std::nullopt;
    answer.number = request.number;
    answer.error = std::string{policy_of(ErrorCode::unauthorized).word} + " the allow-list does " +
                   "not let \"" + reader.name() + "\" read " +
                   first_forbidden(reader, request.query.subjects);
  } catch (const Error&) {
    return std::nullopt;  // Whoever answers requests says what is wrong with it.
  }
  return wire::encode(std::move(answer));
}

std::string foreign_consumer(const AllowedPeer& peer, const std::string& line) {
  try {
    std::string consumer = consumer_in(line);
    return consumer.empty() || peer.has_name(consumer) ? std::string{} : consumer;
  } catch (const Error&) {
    return {};  // As above: it counts for nothing anyway.
  }
}

}  // namespace ticketing::zap
