#include "ticketing/testing/jumble.hpp"

#include <utility>
#include <vector>

namespace ticketing::testing {

namespace {

/// What is held back is let go with this chance at whatever arrives next.
constexpr unsigned kLetGo = 300;
constexpr std::size_t kHeldMax = 64;

}  // namespace

/// One consumer's part of the bad network. Belongs to the thread that drives the core.
class JumbledInput final : public SubscriptionInput {
 public:
  JumbledInput(Jumble& jumble, SubscriptionInput& core) : jumble_(jumble), core_(core) {}

  void on_hello(const wire::Position& position) override {
    arrive([&core = core_, position] { core.on_hello(position); });
  }
  void on_beat(const wire::Position& position) override {
    arrive([&core = core_, position] { core.on_beat(position); });
  }
  void on_event(const wire::Position& position, std::string_view subject,
                std::string envelope) override {
    arrive([&core = core_, position, name = std::string{subject}, text = std::move(envelope)] {
      core.on_event(position, name, text);
    });
  }
  void on_fetched(wire::FetchAnswer answer) override {
    arrive([&core = core_, taken = std::move(answer)] { core.on_fetched(taken); });
  }

 private:
  using Call = std::function<void()>;

  void arrive(Call call) {
    const Jumble::Fate fate = jumble_.next_fate(held_.size() < kHeldMax);
    if (fate == Jumble::Fate::lose) return;
    if (fate == Jumble::Fate::hold) return held_.push_back(std::move(call));
    call();
    if (fate == Jumble::Fate::duplicate) call();
    while (!held_.empty() && jumble_.lets_go()) let_one_go();
  }

  void let_one_go() {
    const auto chosen = held_.begin() + static_cast<std::ptrdiff_t>(jumble_.pick(held_.size()));
    const Call call = std::move(*chosen);
    held_.erase(chosen);
    call();
  }

  Jumble& jumble_;
  SubscriptionInput& core_;
  std::vector<Call> held_;
};

void Jumble::set(JumbleRates rates) {
  const std::lock_guard guard{mutex_};
  rates_ = rates;
}

void Jumble::set_cut(bool is_cut) {
  const std::lock_guard guard{mutex_};
  is_cut_ = is_cut;
}

JumbleCounts Jumble::counts() const {
  const std::lock_guard guard{mutex_};
  return counts_;
}

PutBetween Jumble::between() {
  return [this](SubscriptionInput& core) { return std::make_unique<JumbledInput>(*this, core); };
}

Jumble::Fate Jumble::next_fate(bool may_hold) {
  const std::lock_guard guard{mutex_};
  ++counts_.seen;
  if (is_cut_ || random_.chance(rates_.lose)) return ++counts_.lost, Fate::lose;
  if (random_.chance(rates_.duplicate)) return ++counts_.doubled, Fate::duplicate;
  if (may_hold && random_.chance(rates_.reorder)) return ++counts_.reordered, Fate::hold;
  return Fate::pass;
}

bool Jumble::lets_go() {
  const std::lock_guard guard{mutex_};
  return random_.chance(kLetGo);
}

std::uint64_t Jumble::pick(std::uint64_t count) {
  const std::lock_guard guard{mutex_};
  return random_.below(count);
}

}  // namespace ticketing::testing
