// The part of StreamFollower that sees to its durable consumer.

#include "nats/stream_follower.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::nats_driver {

namespace {

constexpr std::chrono::milliseconds kLongPause{500};

}  // namespace

api::ConsumerConfig StreamFollower::wanted_config() const {
  constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
  api::ConsumerConfig config;
  config.durable_name = durable_;
  config.ack_wait = 60 * kNanosecondsPerSecond;
  config.max_ack_pending = 20'000;
  // The server takes one subject; of several, the others are passed over here.
  if (wanted_.size() == 1) config.filter_subject = *wanted_.begin();
  return config;
}

void StreamFollower::without_durable(std::chrono::milliseconds pause) {
  ++generation_;
  has_durable_ = is_looking_ = false;
  to_come_ = 0;
  is_blind_since_.reset();
  look_up_at_ = wiring_.clock.monotonic() + pause;
}

Calls::Done StreamFollower::guarded(std::function<void(const Message&)> next) {
  return [weak = weak_from_this(), asked = generation_,
          next = std::move(next)](const Message* answer) {
    const auto self = weak.lock();
    if (!self || asked != self->generation_) return;
    if (answer == nullptr || answer->is_nobody_there()) return self->without_durable(kLongPause);
    try {
      next(*answer);
    } catch (const Error& error) {
      self->wiring_.logger.warning("the NATS server's answer is not understood",
                                   {{"log", self->core().options().log}, {"reason", error.what()}});
      self->without_durable(kLongPause);
    }
  };
}

void StreamFollower::look_up_durable() {
  is_looking_ = true;
  wiring_.ask("$JS.API.CONSUMER.INFO." + names_.stream + '.' + durable_, "",
              guarded([this](const Message& answer) { on_durable(answer); }));
}

void StreamFollower::on_durable(const Message& answer) {
  const auto found = from_json<api::ConsumerAnswer>(answer.body());
  // Without a stream there is nothing to follow yet: its publisher makes it.
  if (found.error && found.error->err_code != api::kConsumerNotFound)
    return without_durable(kPause);
  if (found.error) return make_durable();
  const api::ConsumerConfig wanted = wanted_config();
  const bool fits = found.config && found.config->filter_subject == wanted.filter_subject &&
                    found.config->ack_policy == wanted.ack_policy &&
                    found.config->ack_wait == wanted.ack_wait &&
                    found.config->max_ack_pending == wanted.max_ack_pending;
  if (!fits) return remake_durable();
  has_durable_ = true;
}

/// What is stored between the two is fetched from the log.
void StreamFollower::remake_durable() {
  without_durable(kPullIsOverdue);
  is_looking_ = true;
  wiring_.ask("$JS.API.CONSUMER.DELETE." + names_.stream + '.' + durable_, "",
              guarded([this](const Message&) { make_durable(); }));
}

void StreamFollower::make_durable() {
  const std::string request = to_json(api::ConsumerRequest{names_.stream, wanted_config()});
  wiring_.ask("$JS.API.CONSUMER.DURABLE.CREATE." + names_.stream + '.' + durable_, request,
              guarded([this](const Message& answer) {
                const auto made = from_json<api::ConsumerAnswer>(answer.body());
                if (made.error) return without_durable(kLongPause);
                has_durable_ = true;
              }));
}

}  // namespace ticketing::nats_driver
