#include "event_source.hpp"

#include <algorithm>

#include "arguments.hpp"

namespace ticketing::cli {
namespace {

class Tail : public EventSource {
 public:
  explicit Tail(const TailOptions& options) : tail_(options) {}
  std::optional<TailedEvent> next(milliseconds timeout) override { return tail_.next(timeout); }
  bool caught_up() const override { return tail_.caught_up(); }
  std::vector<std::string> logs() const override { return tail_.logs(); }

 private:
  EventTail tail_;
};

}  // namespace

std::unique_ptr<EventSource> follow_publishers(const TailOptions& options) {
  try {
    return std::make_unique<Tail>(options);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::invalid) throw usage_error(error.what());
    if (error.code() != ErrorCode::unavailable) throw;
    // The usual hint speaks of --server; events come from elsewhere.
    throw Error{error.code(), error.what(), "peer_unavailable"};
  }
}

void require_logs(const EventSource& events, std::span<const std::string_view> logs) {
  const auto hosted = events.logs();
  for (const std::string_view log : logs) {
    if (std::find(hosted.begin(), hosted.end(), log) != hosted.end()) continue;
    throw Error{ErrorCode::unavailable,
                "nobody publishes the log of " + std::string{log} + " there", "peer_unavailable"};
  }
}

}  // namespace ticketing::cli
