#pragma once
// What drives a World: machines, their requests, commits, ticks and jobs, on one Scheduler.

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "testing/machine.hpp"
#include "testing/memory_disk.hpp"
#include "testing/network.hpp"
#include "testing/rules.hpp"
#include "testing/trace.hpp"
#include "testing/witness.hpp"
#include "testing/world_transport.hpp"
#include "ticketing/testing/seeded_random.hpp"
#include "ticketing/testing/world.hpp"

namespace ticketing::testing {

class World::Impl {
 public:
  Impl(World& world, const WorldOptions& options);
  ~Impl();

  // ---- machines (world_machines.cpp, world_deaths.cpp) ----
  void add(const std::string& process, std::vector<ServiceDefinition> services,
           std::map<std::string, std::string> settings);
  void start_all();
  bool start(Machine& machine);
  void end(Machine& machine, bool power_too);
  void heal();
  Machine& machine(const std::string& process) const;
  runtime::Unit& unit_of(const std::string& service) const;

  // ---- time (world_run.cpp) ----
  /// Runs the next thing that is due. False when there is none.
  bool run_one();
  void run_until(Scheduler::Time time);
  void rest(Duration limit);
  void finish(Duration limit);
  void pause(Duration duration);
  /// Keeps what `work` throws until run_one() can throw it: Broken must not travel through code
  /// that has its own way with exceptions.
  void guard(const std::function<void()>& work);

  // ---- clients ----
  void send(Request request, Answer answer);
  void give(const std::string& publisher, StagedEvent event);
  using ChangeLetter = std::function<void(Engine& engine, Engine::LetterDone done)>;
  bool change_letter(const std::string& service, const ChangeLetter& change);
  void redrive_all(Machine& machine);
  void read(const std::string& service, const Database::Read& read) const {
    const Quiet quiet{quiet_};
    unit_of(service).database().read(read);
  }

  World& world;
  const WorldOptions options;
  Scheduler scheduler;
  MachineClock clock{scheduler};
  Trace trace;
  MemoryDisk disk;
  Network network;
  std::unique_ptr<WorldTransport> transport;  ///< None: events go over the network.
  SeededRandom random;
  SigningKey key;
  std::map<std::string, std::unique_ptr<Machine>> machines;
  std::uint64_t steps = 0;

 private:
  /// While it lives, the disk has no faults and counts nothing: somebody only looks.
  class Quiet {
   public:
    explicit Quiet(bool& flag) : flag_(flag), before_(std::exchange(flag, true)) {}
    ~Quiet() { flag_ = before_; }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

   private:
    bool& flag_;
    bool before_;
  };
  /// While it lives, `machine` is what runs; null: nobody.
  class Running {
   public:
    Running(Impl& impl, Machine* machine, std::shared_ptr<Life> life)
        : impl_(impl),
          active_(std::exchange(active, &impl)),
          machine_(std::exchange(impl.current_, machine)),
          life_(std::exchange(impl.current_life_, std::move(life))) {}
    ~Running() {
      active = active_;
      impl_.current_ = machine_;
      impl_.current_life_ = std::move(life_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    Impl& impl_;
    Impl* active_;
    Machine* machine_;
    std::shared_ptr<Life> life_;
  };
  /// While it lives, what a pause() lets go on is one level deeper.
  class Deeper {
   public:
    explicit Deeper(int& depth) : depth_(++depth) {}
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    int& depth_;
  };
  static constexpr std::chrono::minutes kStartLimit{2};
  static constexpr int kHandlerFailuresMax = 2;
  static constexpr std::chrono::milliseconds kSlow{40};
  static constexpr std::chrono::milliseconds kTask{5};

  std::unique_ptr<WorldTransport> make_transport();
  std::unique_ptr<Bus> make_bus(const std::string& process);
  void open(Machine& machine, Life& life);
  /// In a handler of what start() has run into; throws it on, unless it is a fault.
  void does_not_start(Machine& machine, const Life& life);
  ServiceDefinition with_failing_handlers(Machine& machine, const ServiceDefinition& service);
  /// One event has been handled, in `ctx`: checks that it was due, and lets it fail if it is to.
  void handled(Machine& machine, const std::string& service, std::string_view publisher,
               const Envelope& event, Context& ctx);
  void fail_by_chance(Machine& machine, const std::string& which);
  void fail_of_poison(Machine& machine, const std::string& which);
  void connect(Machine& machine, const std::shared_ptr<Life>& life);
  runtime::ProcessHooks hooks_for(Machine& machine, const std::shared_ptr<Life>& life);
  void share_keys();
  /// What a stand-in is to publish, the first of it now.
  struct Giving {
    std::deque<StagedEvent> events;
    std::uint64_t done = 0;
  };
  void add_stand_ins();
  void plan_giving(const std::string& publisher, Duration pause);
  void given(const std::string& publisher, bool is_durable);
  void see_what_was_committed(Machine& machine);
  std::string host_of(const std::string& log) const;
  Machine* owner_of(std::string_view path) const;
  DiskFault on_disk_call(DiskCall call, std::string_view path);
  DiskFault random_fault(const DiskFaults& faults, DiskCall call);
  void bury();
  static void on_fatal(std::string_view reason);
  static Impl* active;  ///< The world whose process is running: it stops itself, when one does.
  static int worlds;    ///< As many as there are.

  /// Runs `work` as `machine`: if the process stops itself, this is the one.
  void run_as(Machine& machine, const std::shared_ptr<Life>& life,
              const std::function<void()>& work);
  /// The same, later, if it still lives. (`work` must not own the life that owns its plan.)
  using LifeWork = std::function<void(const std::shared_ptr<Life>&)>;
  void plan(Scheduler::Time at, Scheduler::Kind kind, Machine& machine,
            const std::shared_ptr<Life>& life, LifeWork work);
  void plan_commits(Machine& machine);
  void commit(Machine& machine, Life& life, Database& database);
  void plan_tick(Machine& machine, const std::shared_ptr<Life>& life, Scheduler::Time at,
                 Scheduler::Kind kind);
  void jump_to(Scheduler::Time time);
  std::vector<std::string> unsettled() const;
  void append_retries(const Machine& machine, std::vector<std::string>& left) const;
  std::optional<Scheduler::Time> next_timer() const;
  void check_rest();
  void note_message(const Network::Message& message, int copies);
  void note_tables(const Life& life);
  void committed(const std::string& service, const std::vector<LogEntry>& entries);
  void applied(const std::string& process, const std::string& consumer, const Batch& batch);

  Machine* machine_for(Request& request) const;
  void take(Machine& machine, const std::shared_ptr<TakenRequest>& taken);
  void run(Machine& machine, const std::shared_ptr<Life>& life,
           const std::shared_ptr<TakenRequest>& taken);
  void park(Machine& machine, const std::shared_ptr<Life>& life,
            const std::shared_ptr<TakenRequest>& taken);
  void plan_rerun(Machine& machine, const std::shared_ptr<Life>& life);
  void answer(const Answer& to, std::optional<Response> response);

  Rules rules_;
  Witness witness_{trace};
  std::unique_ptr<Logger> logger_;
  std::map<std::string, Machine*, std::less<>> hosts_;  ///< By service.
  std::map<std::string, std::string> jwks_;             ///< By process.
  std::vector<std::shared_ptr<Life>> dead_;             ///< Until nothing of theirs runs any more.
  Machine* current_ = nullptr;
  std::shared_ptr<Life> current_life_;
  int depth_ = 0;  ///< Of pause() within pause().
  mutable bool quiet_ = false;
  bool burying_ = false;
  bool is_over_ = false;  ///< Nobody is told of anything any more.
  bool something_committed_ = false;
  std::exception_ptr failure_;             ///< Thrown where an exception would not get through.
  std::map<std::string, Giving> to_give_;  ///< By stand-in.
  std::uint64_t requests_ = 0;
};

}  // namespace ticketing::testing
