#include "runtime/share.hpp"

#include <algorithm>

#include "runtime/reason.hpp"

namespace ticketing::runtime {

namespace {

constexpr int kIdBytes = 8;

}  // namespace

Share::Share(std::string service, Database& database, ShareWorld world, std::string secrets)
    : service_(std::move(service)), database_(database), world_(world) {
  if (!database_.is_shared()) return;
  leases_.emplace(random_hex(world_.random, kIdBytes), std::move(secrets));
}

void Share::add(std::string_view lease, Change change) {
  names_.emplace(lease);
  parts_.emplace(lease, Part{std::move(change), false, {}});
}

milliseconds Share::tick() {
  wants_tick_ = false;
  const std::lock_guard guard{parts_mutex_};
  if (has_left_) return Leases::kDeadAfter;
  change_parts();
  if (!leases_) return Leases::kDeadAfter;
  if (under_way_) return Leases::kBeat;
  const auto now = world_.clock.monotonic();
  if (now >= next_turn_.load()) renew();
  const auto left = std::chrono::ceil<milliseconds>(next_turn_.load() - now);
  return std::clamp(left, milliseconds{1}, Leases::kBeat);
}

void Share::renew() {
  under_way_ = true;
  next_turn_ = world_.clock.monotonic() + Leases::kBeat;
  has_caught_up_once_ = has_caught_up_once_ || (has_begun_ && has_caught_up());
  const auto standing = std::make_shared<Leases::Standing>();
  try {
    database_.submit(
        [this, standing, has_caught_up = has_caught_up_once_](Transaction& tx) {
          *standing = leases_->renew(tx, names_, has_caught_up, world_.clock.monotonic());
        },
        [this, standing](const std::exception_ptr& failure) {
          renewed(failure, std::move(*standing));
        });
  } catch (const Error&) {  // Too many writes wait: with the next turn.
    under_way_ = false;
  }
}

/// On the writer's thread. After a failure what was held may be another's by now, but whatever is
/// done under a lease finds that out by itself.
void Share::renewed(const std::exception_ptr& failure, Leases::Standing standing) {
  under_way_ = false;
  if (has_word(failure, kOtherSecrets) && !has_told_.exchange(true)) {
    world_.logger.error("waits for the other instances to go",
                        {{"service", service_}, {"reason", reason_of(failure)}});
  }
  if (failure) return;
  {
    const std::lock_guard guard{mutex_};
    if (is_settled_ && standing_->held == standing.held) return;
    standing_ = std::move(standing);
  }
  wants_tick_ = true;
  wake();
}

void Share::change_parts() {
  std::set<std::string> held = names_;
  bool all_in_hands = true;
  if (leases_) {
    const std::lock_guard guard{mutex_};
    if (!standing_) return;
    held = standing_->held;
    all_in_hands = standing_->all_in_hands;
  }
  has_begun_ = true;
  for (auto& [name, part] : parts_) has_begun_ &= change(name, part, held.contains(name));
  is_settled_ = is_settled_ || (has_begun_ && all_in_hands);
}

/// False: it has to be tried again. Alone, what a configuration got wrong ends the start; one of
/// several goes on with what it can do.
bool Share::change(const std::string& name, Part& part, bool begins) {
  if (part.is_begun == begins) return true;
  try {
    part.change(begins);
  } catch (const Error& error) {
    if (!leases_) throw;
    if (!is_about_the_database(error) && part.told != error.what()) {
      part.told = error.what();
      world_.logger.error("cannot take a part",
                          {{"service", service_}, {"part", name}, {"reason", part.told}});
    }
    return false;
  }
  part.is_begun = begins;
  if (leases_) {
    world_.logger.info(begins ? "takes a part" : "gives up a part",
                       {{"service", service_}, {"part", name}});
  }
  return true;
}

void Share::leave() {
  const std::lock_guard parts_guard{parts_mutex_};
  if (!leases_ || std::exchange(has_left_, true)) return;
  {
    const std::lock_guard guard{mutex_};
    standing_.emplace();
  }
  change_parts();
  try {
    database_.submit([this](Transaction& tx) { leases_->leave(tx); }, [](std::exception_ptr) {});
  } catch (const Error&) {  // They notice by themselves.
  }
}

}  // namespace ticketing::runtime
