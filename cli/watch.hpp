#pragma once
// Watch: prints the events that a verb causes, until its flow comes to rest.
//
// Made before the verb's request, so that no event can be missed: it follows the publishers first,
// and gives the request its id, by which its events are known. Does nothing unless it is asked for.
// Not thread-safe. Throws Error(unavailable) when a publisher is missing, before anything has been
// changed, and when the flow does not come to rest in time.

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "flow.hpp"
#include "invocation.hpp"

namespace ticketing::cli {

struct WatchOptions {
  bool on = false;
  milliseconds timeout{};
};
WatchOptions parse_watch(const Arguments& arguments);

class Watch {
 public:
  /// Borrows `invocation`; it must outlive this. `logs`: whose events the verb leads to.
  Watch(const WatchOptions& options, Invocation& invocation,
        std::initializer_list<std::string_view> logs);

  bool on() const { return events_ != nullptr; }
  /// Of the request to be made; empty when off: then the server makes one.
  const std::string& request() const { return request_; }
  Flow& flow() { return flow_; }
  /// Learns how the order and its ticket stand; returns the order's version. Nothing when off.
  std::int64_t follow_order(Client& client, const std::string& id);

  /// The request was answered, and an event tells of what it did. Prints until rest.
  void until_rest();
  /// As until_rest(), and false instead of an error when the time is up.
  bool comes_to_rest();
  /// Throws Error(refused) when the order that is followed has been cancelled.
  void refuse_cancelled() const;

 private:
  void print(const TailedEvent& event);

  WatchOptions options_;
  Invocation& invocation_;
  std::string request_;
  Flow flow_;
  std::unique_ptr<EventSource> events_;
};

}  // namespace ticketing::cli
