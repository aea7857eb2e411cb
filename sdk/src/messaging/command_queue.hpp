#pragma once
// CommandQueue: what other threads want done on the thread of a bus, in the order in which they
// said it.
//
// Any thread may post; one thread, the owner, runs what was posted. The queue does not wait: `ring`
// wakes the owner, however it waits.

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace ticketing {

class CommandQueue {
 public:
  /// `ring` is called by whoever posts, when there was nothing before.
  explicit CommandQueue(std::function<void()> ring) : ring_(std::move(ring)) {}

  template <class F>
  void post(F function) {
    auto command = std::make_unique<CommandOf<F>>(std::move(function));
    bool first = false;
    {
      const std::lock_guard guard{mutex_};
      first = commands_.empty();
      commands_.push_back(std::move(command));
    }
    if (first) ring_();
  }

  /// Posts `action` and returns, or throws, what it does once that is done. Requires: the owner
  /// runs, and is not who calls.
  void post_and_wait(const std::function<void()>& action) {
    std::promise<void> promise;
    std::future<void> done = promise.get_future();
    post([&] {
      try {
        action();
        promise.set_value();
      } catch (...) {
        promise.set_exception(std::current_exception());
      }
    });
    done.get();
  }

  bool empty() const {
    const std::lock_guard guard{mutex_};
    return commands_.empty();
  }

  /// On the owner's thread.
  void run() {
    std::vector<std::unique_ptr<Command>> commands;
    {
      const std::lock_guard guard{mutex_};
      commands.swap(commands_);
    }
    for (const auto& command : commands) command->run();
  }

 private:
  // std::function wants copies; commands are moved along a queue and run once.
  struct Command {
    virtual ~Command() = default;
    virtual void run() = 0;
  };
  template <class F>
  struct CommandOf final : Command {
    explicit CommandOf(F f) : function(std::move(f)) {}
    void run() override { function(); }
    F function;
  };

  std::function<void()> ring_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Command>> commands_;
};

}  // namespace ticketing
