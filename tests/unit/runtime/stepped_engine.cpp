#include "stepped_engine.hpp"

namespace ticketing::test {

SteppedEngine::SteppedEngine(Define define, std::span<const std::string_view> steps,
                             std::string name, DatabaseOptions options)
    : define_(std::move(define)),
      name_(std::move(name)),
      steps_(steps),
      database_({sdk_migrations(), {"service", steps_}}, std::move(options)) {
  open();
}

void SteppedEngine::open() {
  verifier.emplace();
  verifier->set_keys(KeySet::from_jwks(key_.jwks()));
  service_.emplace(name_, settings_);
  define_(*service_);
  router_ = {};
  const auto& routes = service_->definition().routes;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    router_.add(routes[i].method, routes[i].pattern, i);
  }
  engine_ = std::make_unique<Engine>(
      *service_, *database_,
      EngineWorld{clock, system_random(), logger, *verifier, std::string(32, 'k')});
  engine_->hooks = {
      .committed =
          [this](std::vector<LogEntry> entries) {
            committed.insert(committed.end(), entries.begin(), entries.end());
          },
      .missing = [this](const std::string& log, Gap gap) { missing.emplace_back(log, gap); },
      .applied = [this] { ++applied; },
      .timers_changed = [this] { ++timers_changed; },
      .offload =
          [this](std::function<void()> job) {
            if (takes_jobs) jobs.push_back(std::move(job));
            return takes_jobs;
          }};
}

void SteppedEngine::restart() {
  engine_.reset();
  service_.reset();
  jobs.clear();
  tasks.clear();
  database_.reopen();
  open();
}

void SteppedEngine::step() {
  while (database_->step() > 0) {
  }
}

void SteppedEngine::begin(Call& call, const Attempt& attempt) {
  call.result.reset();
  const auto match = router_.find(call.request);
  ASSERT_TRUE(match) << call.request.path;
  engine_->handle(match->route, call.request, attempt, [&call](HandlerResult result) {
    EXPECT_FALSE(call.result) << "answered twice";
    call.result = std::move(result);
  });
}

void SteppedEngine::run(Call& call, const Attempt& attempt) {
  begin(call, attempt);
  step();
}

Response SteppedEngine::send(Request request) {
  Call call{std::move(request), {}};
  run(call);
  EXPECT_TRUE(call.answered()) << call.request.path;
  return call.answered() ? *call.result->response : Response{};
}

bool SteppedEngine::apply(Batch batch) {
  std::optional<bool> durable;
  engine_->apply(std::make_shared<const Batch>(std::move(batch)),
                 [&](bool result) { durable = result; });
  step();
  return durable.value();
}

bool SteppedEngine::run_due() {
  std::optional<bool> done;
  engine_->run_due(
      [this](std::function<void()> task) {
        if (takes_tasks) tasks.push_back(std::move(task));
        return takes_tasks;
      },
      [&](bool result) { done = result; });
  step();
  return done.value();
}

std::vector<std::string> SteppedEngine::log_lines() {
  std::vector<std::string> lines;
  for (const Envelope& one : log()) lines.push_back(std::to_string(one.offset) + ' ' + one.type);
  return lines;
}

std::vector<Envelope> SteppedEngine::log() {
  const LogPage page = database_.read([](Transaction& tx) { return EventLog::read(tx, {}); });
  std::vector<Envelope> all;
  for (const LogEntry& entry : page.entries) all.push_back(decode_envelope(entry.envelope));
  return all;
}

std::vector<std::string> SteppedEngine::rows(std::string_view sql) {
  std::vector<std::string> found;
  database_->read([&](Transaction& tx) {
    tx.for_each<std::string>(sql, [&](std::string text) { found.push_back(std::move(text)); });
  });
  return found;
}

std::pair<std::string, std::string> SteppedEngine::bearer(const std::string& user) const {
  const Identity identity{user, user + "@example.com", clock.time,
                          clock.time + std::chrono::hours{1}};
  return {"Authorization", "Bearer " + key_.issue(identity)};
}

Request request(std::string method, std::string path, std::string body, Headers headers) {
  static int count = 0;
  Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.body = std::move(body);
  request.headers = std::move(headers);
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.id = "request-" + std::to_string(++count);
  return request;
}

Batch batch_of(const std::string& name, std::vector<ReceivedEvent> events) {
  const std::int64_t last = events.empty() ? 0 : events.back().offset;
  return {.log = name, .cursor = {name + "-log", last}, .events = std::move(events)};
}

}  // namespace ticketing::test
