#include "messaging/follower.hpp"

namespace ticketing {

namespace {

constexpr std::chrono::milliseconds kRedeliverPause{200};

}  // namespace

std::shared_ptr<Follower> make_follower(const Consumer& consumer, CommandQueue& commands,
                                        const Clock& clock) {
  auto follower = std::make_shared<Follower>(consumer.name, consumer.options, consumer.cursor);
  // The answer comes back on the writer's thread; the core is only touched on ours.
  follower->deliver = [&commands, &clock, apply = consumer.apply,
                       weak = std::weak_ptr{follower}](std::shared_ptr<const Batch> batch) {
    apply(std::move(batch), [&commands, &clock, weak](bool durable) {
      commands.post([&clock, weak, durable] {
        const auto target = weak.lock();
        if (!target) return;
        durable ? target->core.on_applied()
                : target->core.on_apply_failed(clock.monotonic(), kRedeliverPause);
      });
    });
  };
  return follower;
}

SubscriptionStatus status_of(const Follower& follower) {
  const Subscription& core = follower.core;
  const bool denied = !follower.denial.empty();
  return {follower.consumer,
          core.options().log,
          core.caught_up() && !denied,
          core.lag(),
          core.applied(),
          denied ? std::optional{follower.denial} : core.refusal(),
          core.joined()};
}

}  // namespace ticketing
