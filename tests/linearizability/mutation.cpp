#include "mutation.hpp"

#include <utility>
#include <vector>

namespace ticketing::linear {
namespace {

using Operations = std::vector<Operation>;

/// Any operation of which `fits` holds.
template <class F>
Operation* any(Operations& operations, std::minstd_rand& random, F fits) {
  std::vector<Operation*> found;
  for (Operation& operation : operations) {
    if (fits(operation)) found.push_back(&operation);
  }
  return found.empty() ? nullptr : found[random() % found.size()];
}

bool is(const Operation& operation, Kind kind, Outcome outcome = Outcome::done) {
  return operation.call.kind == kind && operation.answer.outcome == outcome;
}

bool is_look(const Operation& operation) {
  return is(operation, Kind::read_order) || is(operation, Kind::read_ticket);
}

bool second_order(Operations& all, std::minstd_rand& random) {
  Operation* refused = any(all, random, [](const Operation& operation) {
    return is(operation, Kind::order, Outcome::ticket_reserved);
  });
  const Operation* granted =
      any(all, random, [](const Operation& operation) { return is(operation, Kind::order); });
  if (refused == nullptr || granted == nullptr) return false;
  const Instant hold = *granted->answer.expires_at - granted->invoked;
  refused->answer = granted->answer;
  refused->answer.id = "second";
  refused->answer.expires_at = refused->invoked + hold;
  return true;
}

bool refused_for_free(Operations& all, std::minstd_rand& random) {
  Operation* granted =
      any(all, random, [](const Operation& operation) { return is(operation, Kind::order); });
  if (granted == nullptr) return false;
  granted->answer = {Outcome::ticket_reserved};
  return true;
}

bool lost_change(Operations& all, std::minstd_rand& random) {
  const Operation* change = any(all, random, [](const Operation& operation) {
    return is(operation, Kind::edit) || is(operation, Kind::order);
  });
  if (change == nullptr) return false;
  all.erase(all.begin() + (change - all.data()));
  return true;
}

bool old_view(Operations& all, std::minstd_rand& random) {
  Operation* look = any(all, random, is_look);
  if (look == nullptr) return false;
  const Operation* earlier = any(all, random, [&](const Operation& operation) {
    return operation.call.kind == look->call.kind && operation.call.id == look->call.id &&
           operation.returned < look->invoked && operation.answer.version < look->answer.version;
  });
  if (earlier == nullptr) return false;
  look->answer = earlier->answer;
  return true;
}

bool other_version(Operations& all, std::minstd_rand& random) {
  Operation* look = any(all, random, is_look);
  if (look != nullptr) ++look->answer.version;
  return look != nullptr;
}

bool other_end(Operations& all, std::minstd_rand& random) {
  Operation* look = any(all, random, [](const Operation& operation) {
    return is(operation, Kind::read_order) && is_final(operation.answer.status);
  });
  if (look == nullptr) return false;
  const bool complete = look->answer.status == OrderStatus::complete;
  look->answer.status = complete ? OrderStatus::cancelled : OrderStatus::complete;
  look->answer.reason.reset();
  if (complete) look->answer.reason = CancelReason::user;
  return true;
}

bool wrong_way(Operations& all, std::minstd_rand& random) {
  Operation* turned = any(all, random, [](const Operation& operation) {
    return is(operation, Kind::cancel) || is(operation, Kind::edit) ||
           is(operation, Kind::cancel, Outcome::order_complete);
  });
  if (turned == nullptr) return false;
  const bool done = turned->answer.outcome == Outcome::done;
  const bool cancels = turned->call.kind == Kind::cancel;
  const Outcome refusal = cancels ? Outcome::order_complete : Outcome::ticket_reserved;
  turned->answer = {done ? refusal : Outcome::done};
  return true;
}

constexpr std::array kMutations{&second_order,  &refused_for_free, &lost_change, &old_view,
                                &other_version, &other_end,        &wrong_way};
static_assert(kMutations.size() == kMutationNames.size());

}  // namespace

std::optional<History> mutate(const History& history, Mutation mutation, std::minstd_rand& random) {
  History mutated = history;
  if (!kMutations.at(static_cast<std::size_t>(mutation))(mutated.operations, random)) {
    return std::nullopt;
  }
  return mutated;
}

}  // namespace ticketing::linear
