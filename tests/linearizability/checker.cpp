#include "checker.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace ticketing::linear {
namespace {

/// A set of small numbers, all below a bound that is fixed.
class Marks {
 public:
  explicit Marks(std::size_t size = 0) : words_(size / kBits + 1) {}

  void add(std::size_t number) {
    words_[number / kBits] |= std::uint64_t{1} << number % kBits;
    ++count_;
  }
  std::size_t count() const { return count_; }
  /// The first that is not in it, from `number` on; past all that can be, when there is none.
  std::size_t next_missing(std::size_t number) const {
    for (std::size_t word = number / kBits; word < words_.size(); ++word) {
      const std::uint64_t missing = ~words_[word] >> number % kBits << number % kBits;
      if (missing != 0) return word * kBits + static_cast<std::size_t>(std::countr_zero(missing));
      number = 0;
    }
    return words_.size() * kBits;
  }
  /// Requires: not empty.
  std::size_t last() const {
    std::size_t word = words_.size() - 1;
    while (words_[word] == 0) --word;
    return word * kBits + static_cast<std::size_t>(std::bit_width(words_[word])) - 1;
  }
  void append_to(std::string& key) const {
    for (const std::uint64_t word : words_) {
      key.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
  }

 private:
  static constexpr std::size_t kBits = 64;
  std::vector<std::uint64_t> words_;
  std::size_t count_ = 0;
};

struct Configuration {
  Marks done;
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
      : spec_(specification), limit_(configurations_max), numbers_(spec_.steps().size()) {
    // Steps by their beginnings, so that what is near in time is near here.
    std::iota(numbers_.begin(), numbers_.end(), std::size_t{0});
    std::stable_sort(numbers_.begin(), numbers_.end(), [&](std::size_t a, std::size_t b) {
      return spec_.steps()[a].earliest < spec_.steps()[b].earliest;
    });
    for (const std::size_t number : numbers_) steps_.push_back(spec_.steps()[number]);
    musts_ = static_cast<std::size_t>(
        std::count_if(steps_.begin(), steps_.end(), [](const Step& step) { return step.must; }));
  }

  Result run() {
    stack_.push_back({Marks{steps_.size()}, spec_.initial()});
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
  /// Calls `visit` for each step that is not done and begins by the time `by()`, which may shrink.
  template <class By, class Visit>
  void for_each_open(const Marks& done, By by, Visit visit) const {
    for (std::size_t i = done.next_missing(0); i < steps_.size(); i = done.next_missing(i + 1)) {
      if (steps_[i].earliest > by()) return;
      visit(i);
    }
  }

  Horizon horizon_of(const Configuration& at) const {
    Horizon horizon;
    if (at.done.count() > 0) horizon.floor = steps_[at.done.last()].earliest;
    // Whatever begins after must_by cannot end before it.
    const auto by = [&] { return horizon.must_by; };
    for_each_open(at.done, by, [&](std::size_t i) {
      if (steps_[i].latest < horizon.floor) return;
      horizon.can_by = std::min(horizon.can_by, steps_[i].latest);
      if (steps_[i].must) horizon.must_by = std::min(horizon.must_by, steps_[i].latest);
    });
    return horizon;
  }

  /// Takes all that only looks and is content. Safe as long as no step that could still come has
  /// to come before it: whatever order there is, moving it to the front leaves an order.
  void look(Configuration& at) {
    for (bool more = true; more;) {
      more = false;
      const Horizon horizon = horizon_of(at);
      for_each_open(
          at.done, [&] { return horizon.can_by; },
          [&](std::size_t i) {
            if (!steps_[i].must) return;
            if (!only_looks(at.state, directly_after(at.state, i))) return;
            at.done.add(i);
            more = true;
          });
    }
    if (best_.done.count() <= at.done.count()) best_ = at;
  }

  bool is_complete(const Configuration& at) const {
    if (at.done.count() < musts_) return false;
    bool complete = true;
    for_each_open(
        at.done, [] { return kNever; },
        [&](std::size_t i) { complete = complete && !steps_[i].must; });
    return complete;
  }

  /// The step that is due first is tried first: most histories of correct services are followed
  /// without a turn back.
  void expand(const Configuration& at) {
    const std::vector<std::size_t> steps = candidates(at);
    for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
      for (const State state : after(at.state, *it)) {
        stack_.push_back({at.done, state});
        stack_.back().done.add(*it);
      }
    }
  }

  std::vector<std::size_t> candidates(const Configuration& at) const {
    const Horizon horizon = horizon_of(at);
    std::vector<std::size_t> found;
    for_each_open(
        at.done, [&] { return horizon.must_by; },
        [&](std::size_t i) {
          if (steps_[i].latest >= horizon.floor) found.push_back(i);
        });
    std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
      if (steps_[a].must != steps_[b].must) return steps_[a].must;
      return steps_[a].latest < steps_[b].latest;
    });
    return found;
  }

  /// Where a step may lead after the moves that it needs.
  const std::vector<State>& after(State state, std::size_t step) {
    const auto [it, fresh] = after_.try_emplace(key_of(state, step));
    if (fresh) it->second = after_moves(state, step);
    return it->second;
  }

  std::vector<State> after_moves(State state, std::size_t step) {
    std::vector<State> found;
    std::vector<Move> reached{{state}};
    std::unordered_set<State> known{state};
    for (std::size_t i = 0; i < reached.size(); ++i) {
      const auto [from, here] = reached[i];
      // What moved elsewhere has not made it possible, and can come later, too.
      if (here) {
        const std::vector<State>& to = directly_after(from, step);
        found.insert(found.end(), to.begin(), to.end());
        if (only_looks(from, to)) continue;  // More moves can come later.
      }
      for (const Move& move : moves_for(steps_[step].place, from)) {
        if (known.insert(move.to).second) reached.push_back(move);
      }
    }
    return found;
  }

  static bool only_looks(State from, const std::vector<State>& to) {
    return to.size() == 1 && to.front() == from;
  }

  /// The specification is asked once: many configurations share a state.
  const std::vector<State>& directly_after(State state, std::size_t step) {
    const auto [it, fresh] = directly_after_.try_emplace(key_of(state, step));
    if (fresh) it->second = spec_.after(state, numbers_[step]);
    return it->second;
  }

  const std::vector<Move>& moves_for(unsigned place, State state) {
    const auto [it, fresh] = moves_.try_emplace(std::uint64_t{place} << 32U | state);
    if (fresh) it->second = spec_.drift(state, place);
    return it->second;
  }

  std::uint64_t key_of(State state, std::size_t step) const {
    return std::uint64_t{state} * steps_.size() + step;
  }
  static std::string key_of(const Configuration& at) {
    std::string key(reinterpret_cast<const char*>(&at.state), sizeof at.state);
    at.done.append_to(key);
    return key;
  }

  Result finish(Verdict verdict) const {
    Result result{verdict, seen_.size(), std::vector<bool>(steps_.size(), true), best_.state};
    for_each_open(
        best_.done, [] { return kNever; },
        [&](std::size_t i) { result.done[numbers_[i]] = false; });
    return result;
  }

  Specification& spec_;
  const std::size_t limit_;
  std::vector<std::size_t> numbers_;  ///< Of each step: the specification's number.
  std::vector<Step> steps_;           ///< By their beginnings.
  std::size_t musts_ = 0;             ///< How many steps must come.
  std::vector<Configuration> stack_;
  std::unordered_set<std::string> seen_;
  std::unordered_map<std::uint64_t, std::vector<State>> after_;
  std::unordered_map<std::uint64_t, std::vector<State>> directly_after_;
  std::unordered_map<std::uint64_t, std::vector<Move>> moves_;
  Configuration best_{Marks{}, 0};
};

}  // namespace

Result check(Specification& specification, std::size_t configurations_max) {
  return Search{specification, configurations_max}.run();
}

}  // namespace ticketing::linear
