#pragma once
// FakeWorld: a World for tests: streams in memory, an environment that is a map, a home of its own
// that goes away with it, and events that the test plays.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "program.hpp"
#include "ticketing/core/random.hpp"

namespace ticketing::cli {

/// A clock that only moves when someone waits.
class SteppedClock : public Clock {
 public:
  Timestamp now() const override { return Timestamp{} + elapsed_; }
  std::chrono::nanoseconds monotonic() const override { return elapsed_; }
  void advance(milliseconds time) { elapsed_ += time; }

 private:
  milliseconds elapsed_{0};
};

/// Events on their way from a test, or its server's thread, to the verb.
class EventQueue {
 public:
  void push(TailedEvent event) {
    const std::lock_guard lock{mutex_};
    events_.push_back(std::move(event));
  }
  std::optional<TailedEvent> pop() {
    const std::lock_guard lock{mutex_};
    if (events_.empty()) return std::nullopt;
    TailedEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  bool empty() const {
    const std::lock_guard lock{mutex_};
    return events_.empty();
  }

 private:
  mutable std::mutex mutex_;
  std::deque<TailedEvent> events_;
};

/// Hands out the events that were put in; waiting for more only moves the clock.
class PlayedEvents : public EventSource {
 public:
  PlayedEvents(EventQueue& events, SteppedClock& clock, std::vector<std::string> logs)
      : events_(events), clock_(clock), logs_(std::move(logs)) {}
  std::optional<TailedEvent> next(milliseconds timeout) override {
    auto event = events_.pop();
    if (!event) clock_.advance(timeout);
    return event;
  }
  bool caught_up() const override { return events_.empty(); }
  std::vector<std::string> logs() const override { return logs_; }

 private:
  EventQueue& events_;
  SteppedClock& clock_;
  std::vector<std::string> logs_;
};

inline std::size_t lines_in(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

class FakeWorld {
 public:
  FakeWorld() {
    home_ = std::filesystem::temp_directory_path() /
            ("ticketctl-test-" + random_hex(system_random(), 8));
    variables["XDG_STATE_HOME"] = home_.string();
  }
  ~FakeWorld() { std::filesystem::remove_all(home_); }
  FakeWorld(const FakeWorld&) = delete;
  FakeWorld& operator=(const FakeWorld&) = delete;

  /// Runs ticketctl; what it wrote is in out() and err().
  int run(const std::vector<std::string>& words) {
    out_.str("");
    err_.str("");
    World world = view();
    return cli::run(words, world);
  }
  World view() {
    return World{
        .in = in,
        .out = out_,
        .err = err_,
        .in_is_terminal = is_terminal,
        .out_is_terminal = is_terminal,
        .err_is_terminal = is_terminal,
        .variable =
            [this](const std::string& name) {
              const auto found = variables.find(name);
              return found == variables.end() ? std::nullopt : std::optional{found->second};
            },
        .ask_secret =
            [this](std::string_view prompt) {
              prompts.emplace_back(prompt);
              const std::string answer = typed.empty() ? "" : typed.front();
              if (!typed.empty()) typed.pop_front();
              return answer;
            },
        .follow = [this](const TailOptions& options) -> std::unique_ptr<EventSource> {
          followed = options;
          return std::make_unique<PlayedEvents>(events, clock, logs);
        },
        .clock = clock,
    };
  }

  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }
  const std::filesystem::path& home() const { return home_; }

  std::istringstream in;
  std::map<std::string, std::string> variables;
  bool is_terminal = false;
  std::deque<std::string> typed;     ///< Answers to the secret prompt.
  std::vector<std::string> prompts;  ///< Prompts that were shown.
  EventQueue events;
  SteppedClock clock;
  std::vector<std::string> logs{"auth", "tickets", "orders", "expiration", "payments"};
  TailOptions followed;  ///< What was asked of the events' source.

 private:
  std::filesystem::path home_;
  std::ostringstream out_;
  std::ostringstream err_;
};

}  // namespace ticketing::cli
