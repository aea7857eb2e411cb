#include "checker.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

namespace ticketing::linear {
namespace {

struct Configuration {
  std::vector<bool> done;
  State state;
};

/// What real time says about a configuration.
struct Horizon {
  Instant floor = Instant::min();  ///< No step that ended before it can come any more.
  Instant must_by = kNever;        ///< The first moment by which some step must have come.
  Instant can_by = kNever;         ///< The same over all steps that still can come.
};

class Search {
 public:
  Search(Specification& specification, std::size_t configurations_max)
      : spec_(specification), steps_(specification.steps()), limit_(configurations_max) {}

  Result run() {
    stack_.push_back({std::vector<bool>(steps_.size()), spec_.initial()});
    while (!stack_.empty()) {
      Configuration next = std::move(stack_.back());
      stack_.pop_back();
      look(next);
      if (is_complete(next)) return finish(Verdict::linearizable);
      if (!seen_.insert(key_of(next)).second) continue;
      if (seen_.size() > limit_) return finish(Verdict::undecided);
      expand(next);
    }
    return finish(Verdict::violated);
  }

 private:
  Horizon horizon_of(const Configuration& at) const {
    Horizon horizon;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (at.done[i]) horizon.floor = std::max(horizon.floor, steps_[i].earliest);
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (at.done[i] || steps_[i].latest < horizon.floor) continue;
      horizon.can_by = std::min(horizon.can_by, steps_[i].latest);
      if (steps_[i].must) horizon.must_by = std::min(horizon.must_by, steps_[i].latest);
    }
    return horizon;
  }

  bool may_be_next(const Configuration& at, std::size_t step, const Horizon& horizon) const {
    return !at.done[step] && steps_[step].earliest <= horizon.must_by &&
           steps_[step].latest >= horizon.floor;
  }

  /// Takes all that only looks and is content. Safe as long as no step that could still come has
  /// to come before it: whatever order there is, moving it to the front leaves an order.
  void look(Configuration& at) {
    for (bool more = true; more;) {
      more = false;
      const Horizon horizon = horizon_of(at);
      for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (at.done[i] || !steps_[i].must || steps_[i].earliest > horizon.can_by) continue;
        const std::vector<State> led_to = spec_.after(at.state, i);
        if (led_to.size() != 1 || led_to.front() != at.state) continue;
        at.done[i] = true;
        more = true;
      }
    }
    const auto count = static_cast<std::size_t>(std::count(at.done.begin(), at.done.end(), true));
    if (count >= best_count_) {
      best_count_ = count;
      best_ = at;
    }
  }

  bool is_complete(const Configuration& at) const {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].must && !at.done[i]) return false;
    }
    return true;
  }

  /// The step that is due first is tried first; then what moves by itself; then the others: most
  /// histories of correct services are followed without a turn back.
  void expand(const Configuration& at) {
    const std::vector<std::size_t> steps = candidates(at);
    for (std::size_t i = steps.size(); i-- > 1;) push_after(at, steps[i]);
    std::vector<State> drifted = spec_.drift(at.state);
    for (auto it = drifted.rbegin(); it != drifted.rend(); ++it) stack_.push_back({at.done, *it});
    if (!steps.empty()) push_after(at, steps.front());
  }

  std::vector<std::size_t> candidates(const Configuration& at) const {
    const Horizon horizon = horizon_of(at);
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (may_be_next(at, i, horizon)) found.push_back(i);
    }
    std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
      if (steps_[a].must != steps_[b].must) return steps_[a].must;
      return steps_[a].latest < steps_[b].latest;
    });
    return found;
  }

  void push_after(const Configuration& at, std::size_t step) {
    for (const State state : spec_.after(at.state, step)) {
      stack_.push_back({at.done, state});
      stack_.back().done[step] = true;
    }
  }

  static std::string key_of(const Configuration& at) {
    std::string key(reinterpret_cast<const char*>(&at.state), sizeof at.state);
    for (std::size_t i = 0; i < at.done.size(); i += 8) {
      unsigned bits = 0;
      for (std::size_t j = i; j < std::min(i + 8, at.done.size()); ++j) {
        bits = bits << 1U | static_cast<unsigned>(at.done[j]);
      }
      key.push_back(static_cast<char>(bits));
    }
    return key;
  }

  Result finish(Verdict verdict) const { return {verdict, seen_.size(), best_.done, best_.state}; }

  Specification& spec_;
  const std::vector<Step>& steps_;
  const std::size_t limit_;
  std::vector<Configuration> stack_;
  std::unordered_set<std::string> seen_;
  std::size_t best_count_ = 0;
  Configuration best_;
};

}  // namespace

Result check(Specification& specification, std::size_t configurations_max) {
  return Search{specification, configurations_max}.run();
}

}  // namespace ticketing::linear
