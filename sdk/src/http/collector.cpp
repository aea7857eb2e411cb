#include "http/collector.hpp"

#include <algorithm>
#include <utility>

#include "ticketing/core/error.hpp"

namespace ticketing::http {
namespace {

/// cpp-httplib answers 414 itself beyond this, but without our error body.
constexpr std::size_t kRequestLineMax = 8190;
/// A body that has come so far gets the room that it announced: it does not grow in steps then,
/// whose remains would stay with the allocator. Whoever only announces one takes up nothing.
constexpr std::size_t kGrowsTo = 16 << 10;

constexpr Refusal kLineTooLong{414, "Request target is too long", "uri_too_long"};
constexpr Refusal kHeadTooLarge{431, "Headers are too large", "headers_too_large"};

}  // namespace

RequestCollector::State RequestCollector::take(std::string_view bytes) {
  switch (state_) {
    case State::empty:
    case State::head:
      input_ += bytes;
      scan_head();
      break;
    case State::body:
      take_body(bytes);
      break;
    case State::complete:
      input_ += bytes;
      break;
    case State::refused:
      break;
  }
  return state_;
}

void RequestCollector::scan_head() {
  while (state_ == State::empty || state_ == State::head) {
    const std::size_t feed = input_.find('\n', scanned_);
    const std::size_t seen = feed == std::string::npos ? input_.size() : feed + 1;
    if (lines_ == 0 && seen - line_start_ > kRequestLineMax) return refuse(kLineTooLong);
    if (seen > limits_.header_bytes_max) return refuse(kHeadTooLarge);
    scanned_ = seen;
    if (!input_.empty()) state_ = State::head;
    if (feed == std::string::npos) return;
    if (end_of_head_at(feed)) return finish_head(seen);
  }
}

bool RequestCollector::end_of_head_at(std::size_t feed) {
  if (feed == line_start_ || input_[feed - 1] != '\r') {
    refuse(kMalformed);
    return false;
  }
  const bool blank = feed - line_start_ == 1;
  line_start_ = feed + 1;
  // RFC 9112 section 2.2: empty lines before a request line are passed over.
  if (blank && lines_ == 0) {
    input_.erase(0, line_start_);
    scanned_ = line_start_ = 0;
    state_ = State::empty;
    return false;
  }
  if (!blank && ++lines_ > limits_.header_lines_max + 1) refuse(kHeadTooLarge);
  return blank;
}

void RequestCollector::finish_head(std::size_t head_bytes) {
  const std::string rest = input_.substr(head_bytes);
  input_.resize(head_bytes);
  whole_.head = std::exchange(input_, {});
  const auto checked = check_head(whole_.head, limits_.body_bytes_max);
  if (const auto* refusal = std::get_if<Refusal>(&checked)) return refuse(*refusal);
  whole_.framing = std::get<Framing>(checked);
  state_ = State::body;
  take_body(rest);
}

void RequestCollector::take_body(std::string_view bytes) {
  const std::size_t missing = whole_.framing.body_bytes - whole_.body.size();
  const std::size_t taken = std::min(missing, bytes.size());
  if (whole_.body.size() + taken > kGrowsTo) whole_.body.reserve(whole_.framing.body_bytes);
  whole_.body += bytes.substr(0, taken);
  if (taken < missing) return;
  state_ = State::complete;
  input_ = bytes.substr(taken);
}

void RequestCollector::refuse(const Refusal& refusal) {
  clear();
  state_ = State::refused;
  refusal_ = refusal;
}

WholeRequest RequestCollector::hand_out() {
  TICKETING_ASSERT(state_ == State::complete);
  WholeRequest whole = std::exchange(whole_, {});
  std::string rest = std::exchange(input_, {});
  clear();
  input_ = std::move(rest);
  return whole;
}

void RequestCollector::clear() {
  state_ = State::empty;
  scanned_ = line_start_ = lines_ = 0;
  // Swapped and not assigned: an assignment would keep the memory.
  std::string{}.swap(input_);
  std::string{}.swap(whole_.head);
  std::string{}.swap(whole_.body);
  whole_.framing = {};
}

}  // namespace ticketing::http
