#pragma once
// Checker: is there one order of a history's steps that agrees with real time and with a sequential
// specification?
//
// The search of Wing and Gong (1993) with Lowe's memory (2017): a configuration is the set of steps
// that have taken effect and the state that they led to, and none is looked at twice. What only
// looks and finds what it expects is taken at once: to take it later could not help.
//
// Beside its steps a specification may move by itself, as when a message arrives. It is made of
// places, such as services, and a move is only looked at where a step follows that may need it:
// what is at one place does not see what moves at another. No clock, no threads, no randomness: the
// same history yields the same result at the same cost.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "history.hpp"

namespace ticketing::linear {

/// Something that takes effect at one moment from `earliest` to `latest`, both included.
struct Step {
  Instant earliest{};
  Instant latest = kNever;
  bool must = true;    ///< False: or not at all.
  unsigned place = 0;  ///< Where it takes effect; the specification's own number.
};

/// Names a state; equal states have equal names.
using State = std::uint32_t;

struct Move {
  State to;
  bool here = true;  ///< It moves the place that was asked about, and not one that this waits for.
};

/// What is checked against. Not const: states get their names when they are first reached.
class Specification {
 public:
  virtual ~Specification() = default;
  virtual const std::vector<Step>& steps() const = 0;
  virtual State initial() = 0;
  /// Where step number `step` may lead from `state`; nothing: it cannot happen there.
  virtual std::vector<State> after(State state, std::size_t step) = 0;
  /// Where `state` may move by itself for the sake of a step at `place`: all moves but those that
  /// could as well come after it. There is no way back.
  virtual std::vector<Move> drift(State state, unsigned place) = 0;
};

enum class Verdict {
  linearizable,
  violated,
  undecided,  ///< Too many configurations. Whoever checks must take it for a failure.
};

struct Result {
  Verdict verdict{};
  std::size_t configurations = 0;  ///< How many were looked at.
  std::vector<bool> done;          ///< The most steps for which an order was found.
  State state{};                   ///< Where they led.
};

/// Looks at `configurations_max` at most: this bounds time and memory.
Result check(Specification& specification, std::size_t configurations_max = 1'000'000);

}  // namespace ticketing::linear
