#pragma once
// Mistakes that a transport can make, and oddities that are none, for BrokenBus.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "broken_bus.hpp"

namespace ticketing::test {

// ---- mistakes in what a consumer hears ----

/// Of a mistake's class that is made with where it passes things on to, and what it remembers.
template <class Input, class... Memory>
PutBetween hearing(Memory... memory) {
  return [memory...](SubscriptionInput& next) { return std::make_unique<Input>(next, memory...); };
}

struct LosesAnswers final : PassingInput {
  using PassingInput::PassingInput;
  void on_fetched(wire::FetchAnswer) override {}
};

struct LeavesHoles final : PassingInput {
  using PassingInput::PassingInput;
  void on_fetched(wire::FetchAnswer answer) override {
    auto& events = answer.events;
    const auto middle = events.begin() + static_cast<std::ptrdiff_t>(events.size() / 2);
    if (!events.empty()) events.erase(middle);
    next().on_fetched(std::move(answer));
  }
};

/// By one, and so it never lies but about the newest event.
struct TellsOldHeads final : PassingInput {
  using PassingInput::PassingInput;
  static wire::Position older(wire::Position position) {
    if (position.offset > 0) --position.offset;
    position.floor = std::min(position.floor, position.offset);
    for (auto& [subject, last] : position.last) last = std::min(last, position.offset);
    return position;
  }
  void on_hello(const wire::Position& position) override { next().on_hello(older(position)); }
  void on_beat(const wire::Position& position) override { next().on_beat(older(position)); }
};

/// What comes right after a hello is lost, as if the subscription was not in force yet.
struct SaysHelloTooEarly : PassingInput {
  using PassingInput::PassingInput;
  void on_hello(const wire::Position& position) override {
    deaf_for = 3;
    next().on_hello(position);
  }
  void on_event(const wire::Position& position, std::string_view subject,
                std::string envelope) override {
    if (deaf_for-- > 0) return;
    next().on_event(position, subject, std::move(envelope));
  }
  int deaf_for = 0;
};

/// The same, and heartbeats go on telling what the hello told.
struct SaysHelloTooEarlyForGood final : SaysHelloTooEarly {
  using SaysHelloTooEarly::SaysHelloTooEarly;
  void on_hello(const wire::Position& position) override {
    told = position;
    SaysHelloTooEarly::on_hello(position);
  }
  void on_beat(const wire::Position&) override {
    if (told) next().on_beat(*told);
  }
  std::optional<wire::Position> told;
};

/// Remembered over restarts: the log's id by its name, and the highest head.
using Ids = std::shared_ptr<std::map<std::string, std::string>>;
struct KeepsOldIds final : PassingInput {
  KeepsOldIds(SubscriptionInput& next, Ids known) : PassingInput(next), ids(std::move(known)) {}
  std::string id_of(const std::string& log, const std::string& id) {
    return ids->try_emplace(log, id).first->second;
  }
  wire::Position renamed(wire::Position position) {
    position.log_id = id_of(position.log, position.log_id);
    return position;
  }
  void on_hello(const wire::Position& position) override { next().on_hello(renamed(position)); }
  void on_beat(const wire::Position& position) override { next().on_beat(renamed(position)); }
  void on_event(const wire::Position& position, std::string_view subject,
                std::string envelope) override {
    next().on_event(renamed(position), subject, std::move(envelope));
  }
  void on_fetched(wire::FetchAnswer answer) override {
    answer.log_id = id_of(answer.log, answer.log_id);
    next().on_fetched(std::move(answer));
  }
  Ids ids;
};

using Head = std::shared_ptr<std::int64_t>;
struct NeverGoesBack final : PassingInput {
  NeverGoesBack(SubscriptionInput& next, Head highest)
      : PassingInput(next), head(std::move(highest)) {}
  void on_fetched(wire::FetchAnswer answer) override {
    answer.head = *head = std::max(*head, answer.head);
    next().on_fetched(std::move(answer));
  }
  Head head;
};

/// Hears nothing from publishers that were started after itself.
using Generation = std::shared_ptr<int>;
struct NeverReconnects final : PassingInput {
  NeverReconnects(SubscriptionInput& next, Generation now)
      : PassingInput(next), generation(std::move(now)), own(*generation) {}
  bool hears() const { return *generation == own; }
  void on_hello(const wire::Position& position) override {
    if (hears()) next().on_hello(position);
  }
  void on_beat(const wire::Position& position) override {
    if (hears()) next().on_beat(position);
  }
  void on_event(const wire::Position& position, std::string_view subject,
                std::string envelope) override {
    if (hears()) next().on_event(position, subject, std::move(envelope));
  }
  Generation generation;
  int own;
};

inline Mistake never_reconnects() {
  const auto generation = std::make_shared<int>(0);
  return {.hosting = [generation](HostedLog&) { ++*generation; },
          .following = {},
          .hearing = hearing<NeverReconnects>(generation)};
}

inline Mistake hears_by(PutBetween input) {
  return {.hosting = {}, .following = {}, .hearing = std::move(input)};
}

// ---- mistakes in how batches and logs are treated ----

using Done = std::function<void(bool durable)>;
using Apply = std::function<void(std::shared_ptr<const Batch>, Done)>;

inline Mistake applies_by(std::function<Apply(Apply)> wrap) {
  return {.hosting = {},
          .following = [wrap](Consumer& to) { to.apply = wrap(std::move(to.apply)); },
          .hearing = {}};
}

inline Mistake goes_on_before_a_batch_is_durable() {
  return applies_by([](Apply apply) -> Apply {
    return [apply](std::shared_ptr<const Batch> batch, const Done& done) {
      apply(std::move(batch), [](bool) {});
      done(true);
    };
  });
}

inline Mistake gives_refused_batches_up() {
  return applies_by([](Apply apply) -> Apply {
    return [apply](std::shared_ptr<const Batch> batch, const Done& done) {
      apply(std::move(batch), [done](bool) { done(true); });
    };
  });
}

/// Offers a batch again while it is being applied.
inline Mistake offers_a_batch_twice() {
  return applies_by([](Apply apply) -> Apply {
    return [apply](const std::shared_ptr<const Batch>& batch, const Done& done) {
      apply(batch, [](bool) {});
      apply(batch, done);
    };
  });
}

inline Mistake forgets_subjects() {
  return {.hosting = {},
          .following = [](Consumer& consumer) { consumer.options.subjects.clear(); },
          .hearing = {}};
}

inline Mistake forgets_replays() {
  return {.hosting = {}, .following = {}, .hearing = {}, .forgets_replays = true};
}

/// Whatever log is asked for, the answer comes from the one that was hosted first.
inline Mistake mixes_logs_up() {
  using Read = std::function<LogPage(const LogQuery&)>;
  const auto first = std::make_shared<Read>();
  return {.hosting =
              [first](HostedLog& log) {
                if (!*first) *first = log.read;
                log.read = *first;
              },
          .following = {},
          .hearing = {}};
}

/// Answers from a snapshot that is as old as the publisher.
inline Mistake answers_from_an_old_snapshot() {
  return {.hosting =
              [](HostedLog& log) {
                log.read = [read = log.read, head = log.head](LogQuery query) {
                  query.until = std::min(query.until, head);
                  LogPage page = read(query);
                  page.head = std::min(page.head, head);
                  return page;
                };
              },
          .following = {},
          .hearing = {}};
}

// ---- what a transport may do ----

struct Stutters final : PassingInput {
  using PassingInput::PassingInput;
  void on_hello(const wire::Position& position) override {
    for (int i = 0; i < 3; ++i) next().on_hello(position);
  }
  void on_beat(const wire::Position& position) override {
    for (int i = 0; i < 3; ++i) next().on_beat(position);
  }
  void on_event(const wire::Position& position, std::string_view subject,
                std::string envelope) override {
    for (int i = 0; i < 3; ++i) next().on_event(position, subject, envelope);
  }
  void on_fetched(wire::FetchAnswer answer) override {
    for (int i = 0; i < 3; ++i) next().on_fetched(answer);
  }
};

struct NeverBeats final : PassingInput {
  using PassingInput::PassingInput;
  void on_beat(const wire::Position&) override {}
};

struct CarriesNothingLive final : PassingInput {
  using PassingInput::PassingInput;
  void on_event(const wire::Position&, std::string_view, std::string) override {}
};

inline Mistake answers_in_small_parts() {
  return {.hosting =
              [](HostedLog& log) {
                log.read = [read = log.read](LogQuery query) {
                  query.count_max = 3;
                  return read(query);
                };
              },
          .following = {},
          .hearing = {}};
}

}  // namespace ticketing::test
