// Requests in arbitrary pieces are the same requests, and end in the same state, as in one piece;
// what is accepted is framed as it says. The first byte decides how the rest is cut.

#include "fuzz/target.hpp"
#include "http/collector.hpp"
#include "http/httplib_adapter.hpp"
#include "http/text.hpp"

namespace ticketing::fuzz {
namespace {

using State = http::RequestCollector::State;

// Small, so that inputs of a few hundred bytes reach them.
HttpLimits small_limits() {
  HttpLimits limits;
  limits.header_bytes_max = 512;
  limits.header_lines_max = 8;
  limits.body_bytes_max = 64;
  return limits;
}
const HttpLimits kLimits = small_limits();

struct Outcome {
  std::vector<std::string> requests;  ///< Head and body.
  State state{};
  std::string refusal;
  std::size_t bytes_held = 0;
  bool operator==(const Outcome&) const = default;
};

void check_line(const http::WholeRequest& request) {
  thread_local http::HttplibAdapter adapter;
  std::string out;
  int calls = 0;
  const auto answer = [&](Request& parsed) -> std::optional<Response> {
    ++calls;
    TICKETING_ASSERT(!parsed.method.empty() && !parsed.path.empty());
    return Response::json(200, "{}");
  };
  const auto outcome = adapter.run(http::request_line(request.head), false, answer, out);
  const bool answered = outcome == http::HttplibAdapter::Outcome::answered;
  TICKETING_ASSERT(calls == (answered ? 1 : 0));
  TICKETING_ASSERT(answered ? out.starts_with("HTTP/1.1 200 OK\r\n") : out.empty());
}

void check_request(const http::WholeRequest& request) {
  TICKETING_ASSERT(request.head.ends_with("\r\n\r\n"));
  TICKETING_ASSERT(request.head.size() <= kLimits.header_bytes_max);
  TICKETING_ASSERT(request.body.size() == request.framing.body_bytes);
  TICKETING_ASSERT(request.body.size() <= kLimits.body_bytes_max);
  const Headers headers = http::header_fields(request.head);
  TICKETING_ASSERT(headers.size() <= kLimits.header_lines_max);
  for (const auto& [name, value] : headers) {
    TICKETING_ASSERT(http::is_token(name) && http::trimmed(value) == value);
    TICKETING_ASSERT(value.find_first_of(std::string_view{"\r\n\0", 3}) == value.npos);
  }
  check_line(request);
}

void hand_out_all(http::RequestCollector& collector, Outcome& outcome) {
  while (collector.state() == State::complete) {
    const http::WholeRequest request = collector.hand_out();
    check_request(request);
    outcome.requests.push_back(request.head + request.body);
    collector.take({});
  }
}

/// `cut` yields the size of the next piece.
template <class Cut>
Outcome collect(std::string_view stream, Cut cut) {
  http::RequestCollector collector{kLimits};
  Outcome outcome;
  while (!stream.empty()) {
    const std::size_t size = std::min<std::size_t>(cut(), stream.size());
    collector.take(stream.substr(0, size));
    stream.remove_prefix(size);
    hand_out_all(collector, outcome);
  }
  outcome.state = collector.state();
  if (outcome.state == State::refused) outcome.refusal = collector.refusal().message;
  outcome.bytes_held = collector.bytes_held();
  return outcome;
}

}  // namespace

void check(std::string_view input) {
  std::uint32_t seed = take_byte(input);
  const Outcome whole = collect(input, [&] { return input.size(); });
  const Outcome bytes = collect(input, [] { return std::size_t{1}; });
  const Outcome pieces = collect(input, [&] {
    seed = seed * 1'664'525 + 1'013'904'223;
    return std::size_t{1} + (seed >> 24) % 61;
  });
  TICKETING_ASSERT(bytes == whole);
  TICKETING_ASSERT(pieces == whole);
}

}  // namespace ticketing::fuzz
