#include "ticketing/testing/storm.hpp"

#include <algorithm>

#include "testing/fault_plan.hpp"

namespace ticketing::testing {

namespace {

constexpr std::size_t kTraceLinesMax = 120;

/// One thing that is planned: an action or a fault, with a seed of its own.
struct Planned {
  std::chrono::nanoseconds at;
  bool is_fault;
  std::uint64_t seed;
};

struct Run {
  StormResult result;
  std::vector<std::string> plan;       ///< In words.
  std::vector<std::string> concerned;  ///< What the trace says of what broke.
};

std::vector<Planned> plan_of(const StormOptions& options) {
  SeededRandom random{seed_of(options.seed, 10)};
  std::vector<Planned> plan;
  // Some seeds are calm, so that long flows are seen to their end; others are wild.
  const std::size_t faults = options.faults ? random.below(2 + options.steps / 3) : 0;
  // In some all happens at once.
  const auto window = options.window / (1 + static_cast<int>(random.below(8)));
  for (std::size_t i = 0; i < options.steps + faults; ++i) {
    plan.push_back({random.up_to(window), i >= options.steps, random.next()});
  }
  std::stable_sort(plan.begin(), plan.end(),
                   [](const Planned& a, const Planned& b) { return a.at < b.at; });
  return plan;
}

void play(World& world, Storm& storm, const StormOptions& options, const std::vector<Planned>& plan,
          std::vector<std::string>& told) {
  SeededRandom random{seed_of(options.seed, 11)};
  storm.build(world, random);
  world.start();
  for (const Planned& one : plan) {
    world.after(one.at, [&world, &storm, &told, one] {
      SeededRandom own{one.seed};
      told.push_back(one.is_fault ? "fault: " + strike(world, own) : storm.act(world, own));
      world.note("plan", told.back());
    });
  }
  world.after(options.window, [&world] { world.heal(); });
  world.rest();
  // What is dead has held up nobody else. Now whoever looks after the services redrives it.
  for (const std::string& process : world.processes()) world.redrive_all(process);
  world.rest();
  world.finish();
  storm.check(world);
}

Run run(const MakeStorm& make, const StormOptions& options, const std::vector<Planned>& plan) {
  Run done;
  const auto storm = make();
  World world{{.seed = options.seed,
               .keeps_trace = options.keeps_trace,
               .restart_after = options.restart_after,
               .transport = options.transport}};
  const Timestamp start = world.now();
  std::vector<std::string> ids;
  try {
    play(world, *storm, options, plan, done.plan);
  } catch (const Broken& broken) {
    done.result.held = false;
    done.result.rule = broken.rule();
    done.result.report = broken.what();
    ids = broken.ids();
  } catch (const std::exception& error) {  // A bug of the storm's, or of a service's.
    done.result.held = false;
    done.result.rule = "exception";
    done.result.report = error.what();
  }
  done.result.trace_hash = world.trace_hash();
  done.result.steps = world.steps();
  done.result.simulated = world.now() - start;
  done.result.trace = world.trace();
  done.concerned = world.trace(ids);
  return done;
}

/// Leaves out stretches of the plan, ever shorter ones, as long as the same rule breaks (after
/// Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002).
std::vector<Planned> shorten(const MakeStorm& make, const StormOptions& options,
                             std::vector<Planned> plan, const std::string& rule) {
  std::size_t runs_left = options.shrinks_max;
  for (std::size_t length = plan.size() / 2; length > 0; length /= 2) {
    for (std::size_t at = 0; at < plan.size() && runs_left > 0;) {
      std::vector<Planned> less = plan;
      const auto from = less.begin() + static_cast<std::ptrdiff_t>(at);
      less.erase(from, from + static_cast<std::ptrdiff_t>(std::min(length, plan.size() - at)));
      --runs_left;
      if (run(make, options, less).result.rule == rule) {
        plan = std::move(less);
      } else {
        at += length;
      }
    }
  }
  return plan;
}

std::string report_of(const StormOptions& options, const Run& whole, const Run& shortened) {
  std::string text = "seed " + std::to_string(options.seed) + " of " +
                     std::to_string(options.steps) + " steps breaks " + shortened.result.report +
                     "\n\nplan, shortened from " + std::to_string(whole.plan.size()) + " to " +
                     std::to_string(shortened.plan.size()) + ":\n";
  for (const std::string& line : shortened.plan) text += "  " + line + '\n';
  text += "\nwhat happened to the aggregates concerned:\n";
  const auto& trace = shortened.concerned;
  const std::size_t skipped = trace.size() > kTraceLinesMax ? trace.size() - kTraceLinesMax : 0;
  if (skipped > 0) text += "  (" + std::to_string(skipped) + " lines before)\n";
  for (std::size_t i = skipped; i < trace.size(); ++i) text += "  " + trace[i] + '\n';
  return text;
}

}  // namespace

StormResult run_storm(const MakeStorm& make, const StormOptions& options) {
  const std::vector<Planned> plan = plan_of(options);
  Run whole = run(make, options, plan);
  if (whole.result.held || options.shrinks_max == 0) return std::move(whole.result);
  const auto less = shorten(make, options, plan, whole.result.rule);
  StormOptions traced = options;
  traced.keeps_trace = true;
  Run shortened = run(make, traced, less);
  // What is not in the world, such as a static variable, may have made the difference.
  if (shortened.result.held) shortened = whole;
  whole.result.report = report_of(options, whole, shortened);
  return std::move(whole.result);
}

}  // namespace ticketing::testing
