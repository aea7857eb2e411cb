#pragma once
// Demo: the whole flow against running services, with its events as they arrive.
//
// A seller and a buyer sign up, a ticket is sold, ordered and paid for. The demo follows the
// publishers from before its first step; each step ends when the events that it must cause have
// come, never after a pause. Events of other people's tickets pass by unseen. Not thread-safe.

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "invocation.hpp"
#include "ticketing/events/events.hpp"

namespace ticketing::cli {

struct DemoOptions {
  milliseconds timeout{15'000};  ///< Of each step.
};

/// Where one stage of the flow stands in its publisher's log.
struct DemoStage {
  std::string stage;
  std::string publisher;
  std::int64_t offset = 0;
  std::int64_t version = 0;
  std::string id;  ///< Of the aggregate.

  static constexpr std::array kFields{
      field<&DemoStage::stage>("stage"),   field<&DemoStage::publisher>("publisher"),
      field<&DemoStage::offset>("offset"), field<&DemoStage::version>("version"),
      field<&DemoStage::id>("id"),
  };
};

class Demo {
 public:
  /// Starts to follow the events. Borrows `invocation`; it must outlive this.
  Demo(const DemoOptions& options, Invocation& invocation);

  /// Plays the flow and prints it. Throws Error as Client does, and std::runtime_error when the
  /// flow does not come to rest in time or ends otherwise than it should.
  void play();

 private:
  /// An event that a step must cause. Its stage's name goes into the summary; empty: it does not.
  struct Expected {
    std::string_view stage;
    std::string_view subject;
    std::string id;
    std::optional<OrderStatus> status = {};
  };

  std::string join(std::string_view role, Client& client);
  TicketAnswer sell(Client& seller);
  OrderAnswer order(Client& buyer, const TicketAnswer& ticket);
  void pay(Client& buyer, const OrderAnswer& order);

  void tell(const std::string& text);
  /// Prints the demo's events as they come until all in `expected` have.
  void await(std::vector<Expected> expected);
  /// The demo's next event, printed; nullopt: none came within `timeout`, or another's did.
  std::optional<TailedEvent> next_own(std::chrono::nanoseconds timeout);
  /// Strikes `event` off `expected` if it is one of them.
  void strike_off(std::vector<Expected>& expected, const TailedEvent& event);
  void summarise(std::chrono::nanoseconds took);

  DemoOptions options_;
  Invocation& invocation_;
  std::unique_ptr<EventSource> events_;
  std::set<std::string, std::less<>> ids_;  ///< Aggregates of this demo.
  std::vector<DemoStage> stages_;
};

}  // namespace ticketing::cli
