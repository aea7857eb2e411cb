// Stand-ins: services that are not in a world, and only publish what they are given.

#include "testing/world_impl.hpp"

namespace ticketing::testing {

namespace {

constexpr std::chrono::milliseconds kGiveAgain{50};

std::string path_of(const std::string& stand_in) { return "/given/" + stand_in; }

/// Whose events the services of a process follow; only known once they are defined.
std::set<std::string> followed_by(const Machine& machine) {
  std::set<std::string> wanted;
  const Settings settings =
      Settings::from(options_of(Program{machine.name, "", machine.services}), machine.settings);
  for (const ServiceDefinition& definition : machine.services) {
    Service service{definition.name, settings};
    definition.define(service);
    for (const auto& [subject, entry] : service.definition().events)
      wanted.emplace(entry.publisher);
    if (definition.name != UserUpdated::kPublisher) wanted.emplace(UserUpdated::kPublisher);
  }
  return wanted;
}

}  // namespace

void World::Impl::add_stand_ins() {
  std::set<std::string> wanted;
  for (const auto& [name, machine] : machines) wanted.merge(followed_by(*machine));
  for (const std::string& name : wanted) {
    if (hosts_.contains(name)) continue;
    const auto define = [this, name](Service& service) {
      service.post(path_of(name), Access::open, [this, name](Context& ctx) {
        ctx.staged_events().push_back(to_give_[name].events.front());
        return Response::empty();
      });
    };
    add(name, {{name, define}}, {});
    to_give_[name];
  }
}

void World::Impl::give(const std::string& publisher, StagedEvent event) {
  const auto found = to_give_.find(publisher);
  if (found == to_give_.end()) {
    throw Error(ErrorCode::invalid,
                "\"" + publisher + "\" has no stand-in here: " +
                    (hosts_.contains(publisher) ? "the service itself is" : "nobody follows it"));
  }
  Giving& giving = found->second;
  giving.events.push_back(std::move(event));
  if (giving.events.size() == 1) plan_giving(publisher, Duration{0});
}

/// In order, each until its stand-in says that it is durable, and each once.
void World::Impl::plan_giving(const std::string& publisher, Duration pause) {
  scheduler.after(pause, Scheduler::Kind::foreground, [this, publisher] {
    const auto taken = std::make_shared<TakenRequest>();
    const std::string number = std::to_string(to_give_[publisher].done);
    taken->request = request("POST", path_of(publisher), "", {{"Idempotency-Key", number}});
    taken->request.id = "given-" + publisher + '-' + number;
    taken->answer = [this, publisher](const std::optional<Response>& response) {
      if (response && response->status >= 400 && response->status < 500) {
        throw Broken("given", publisher + " refuses an event: " + response->body);
      }
      given(publisher, response && response->status < 300);
    };
    Machine& stand_in = machine(publisher);
    stand_in.is_up() ? take(stand_in, taken) : answer(taken->answer, std::nullopt);
  });
}

void World::Impl::given(const std::string& publisher, bool is_durable) {
  Giving& giving = to_give_[publisher];
  if (is_durable) {
    giving.events.pop_front();
    ++giving.done;
  }
  if (!giving.events.empty()) plan_giving(publisher, is_durable ? Duration{0} : kGiveAgain);
}

}  // namespace ticketing::testing
