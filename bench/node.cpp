#include "node.hpp"

#include <array>

namespace bench {

using namespace ticketing;

Node::Node(const std::string& name, const std::string& folder,
           const std::function<void(Service&)>& define, std::shared_ptr<const BusSecurity> security)
    : service_(name, settings_) {
  define(service_);
  DatabaseOptions options;
  options.url = "sqlite:" + folder + "/" + name + ".db";
  database_ = Database::open(options, std::array{sdk_migrations()});
  engine_ = std::make_unique<Engine>(
      service_, *database_,
      EngineWorld{system_clock(), system_random(), null_logger(), verifier_, std::string(32, 'k')});
  writer_ = std::thread{[this] {
    while (!stopping_) {
      if (database_->wait_for_work(milliseconds{100})) database_->step();
    }
  }};
  BusOptions bus_options;
  bus_options.bind = "tcp://127.0.0.1:*";
  bus_options.security = std::move(security);
  bus_ = Bus::zeromq(bus_options, null_logger());
  std::int64_t head = 0;
  database_->read([&](Transaction& tx) { head = EventLog::head(tx); });
  bus_->host({name, engine_->log().id(), head, [this](const LogQuery& query) {
                LogPage page;
                database_->read([&](Transaction& tx) { page = EventLog::read(tx, query); });
                return page;
              }});
  engine_->hooks = {.committed =
                        [this, name](std::vector<LogEntry> entries) {
                          if (on_committed) on_committed(entries);
                          bus_->committed(name, std::move(entries));
                        },
                    .missing = [](const std::string&, Gap) {},
                    .applied = [] {},
                    .timers_changed = [] {},
                    .offload = [](const std::function<void()>&) { return false; }};
}

Node::~Node() {
  bus_->stop();
  stopping_ = true;
  database_->interrupt();
  writer_.join();
}

void Node::follow(const std::string& log, const std::string& endpoint) {
  for (FollowedLog& followed : engine_->followed_logs()) {
    if (followed.log != log) continue;
    Consumer consumer;
    consumer.name = service_.name();
    consumer.endpoint = endpoint;
    consumer.options.log = log;
    consumer.options.subjects = std::move(followed.subjects);
    consumer.cursor = engine_->cursor(log);
    consumer.apply = [this](std::shared_ptr<const Batch> batch, std::function<void(bool)> done) {
      engine_->apply(batch, [this, batch, done](bool durable) {
        if (durable && on_applied) on_applied(*batch);
        done(durable);
      });
    };
    bus_->follow(std::move(consumer));
  }
}

}  // namespace bench
