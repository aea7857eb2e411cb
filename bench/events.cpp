#include "events.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "child.hpp"
#include "node.hpp"

namespace bench {

using namespace ticketing;

namespace {

constexpr std::int64_t kBurst = 100;
constexpr std::int64_t kEvents = 200'000;
constexpr std::int64_t kLatencyEvents = 5'000;
constexpr std::chrono::microseconds kPace{2'000};  // 500 a second.
constexpr std::chrono::seconds kPatience{120};

const Replica<TicketFact> kTickets{"ticket"};

/// The keys of the two processes; none: the bus is in the clear.
struct Keys {
  std::shared_ptr<const BusSecurity> publisher;
  std::shared_ptr<const BusSecurity> consumer;
};

Keys some_keys() {
  const KeyPair publisher = make_key_pair();
  const KeyPair consumer = make_key_pair();
  const AllowList both = AllowList::parse(
      "tickets " + publisher.public_key + " *\nconsumer " + consumer.public_key + " *\n", "keys");
  return {std::make_shared<const BusSecurity>(BusSecurity{publisher, both, "keys"}),
          std::make_shared<const BusSecurity>(BusSecurity{consumer, both, "keys"})};
}

/// What parent and children tell each other.
struct Board {
  std::atomic<int> consumer_ready;
  std::atomic<std::int64_t> applied;
  std::atomic<std::int64_t> started_ns;
  std::atomic<std::int64_t> ended_ns;
  char endpoint[64];
  std::atomic<int> endpoint_known;
  std::int64_t committed_ns[kLatencyEvents + 1];
  std::int64_t applied_ns[kLatencyEvents + 1];
};

std::int64_t now_ns() { return system_clock().monotonic().count(); }

template <class Condition>
void wait_for(const Condition& condition) {
  const auto deadline = now_ns() + std::chrono::nanoseconds(kPatience).count();
  while (!condition()) {
    if (now_ns() > deadline) throw std::runtime_error("a benchmark did not come to its end");
    ::usleep(200);
  }
}

TicketCreated some_ticket(Context& ctx) {
  return TicketCreated{{.id = ctx.new_id(),
                        .version = 0,
                        .title = "A seat in the third row, on the left",
                        .price = Money::from_cents(1999),
                        .user_id = "01980f3a-2b61-7c58-9c3e-0123456789ab",
                        .order_id = std::nullopt}};
}

void define_publisher(Service& service) {
  service.post("/burst", Access::open, [](Context& ctx) {
    for (std::int64_t i = 0; i < kBurst; ++i) ctx.publish(some_ticket(ctx));
    return Response::empty();
  });
  service.post("/one", Access::open, [](Context& ctx) {
    ctx.publish(some_ticket(ctx));
    return Response::empty();
  });
}

void define_consumer(Service& service) {
  service.replicate<TicketCreated, TicketUpdated>(kTickets);
}

/// Calls a route of the publisher with a few calls under way at a time, as concurrent requests
/// would.
class Caller {
 public:
  explicit Caller(Engine& engine, std::size_t route) : engine_(engine), route_(route) {
    request_.method = "POST";
    request_.id = "bench";
  }
  ~Caller() { drain(0); }
  void call() {
    drain(kUnderWayMax - 1);
    {
      const std::lock_guard guard{mutex_};
      ++under_way_;
    }
    engine_.handle(route_, request_, Attempt{}, [this](HandlerResult) {
      const std::lock_guard guard{mutex_};
      --under_way_;
      changed_.notify_one();
    });
  }

 private:
  static constexpr int kUnderWayMax = 4;
  void drain(int count) {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [&] { return under_way_ <= count; });
  }
  Engine& engine_;
  std::size_t route_;
  Request request_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int under_way_ = 0;
};

void consume(Board& board, const std::string& folder, const Keys& keys) {
  wait_for([&] { return board.endpoint_known.load() == 1; });
  Node node{"consumer", folder, &define_consumer, keys.consumer};
  node.on_applied = [&](const Batch& batch) {
    const std::int64_t now = now_ns();
    for (const ReceivedEvent& event : batch.events) {
      if (event.offset <= kLatencyEvents) board.applied_ns[event.offset] = now;
    }
    board.ended_ns = now;
    board.applied = batch.cursor.offset;
  };
  node.follow("tickets", board.endpoint);
  node.start();
  board.consumer_ready = 1;
  wait_for([] { return ::getppid() == 1; });
}

void tell_endpoint(Board& board, Node& node) {
  std::strncpy(board.endpoint, node.endpoint().c_str(), sizeof board.endpoint - 1);
  node.start();
  board.endpoint_known = 1;
  wait_for([&] { return board.consumer_ready.load() == 1; });
}

void publish_bursts(Board& board, const std::string& folder, const Keys& keys) {
  Node node{"tickets", folder, &define_publisher, keys.publisher};
  tell_endpoint(board, node);
  board.started_ns = now_ns();
  Caller caller{node.engine(), 0};
  for (std::int64_t sent = 0; sent < kEvents; sent += kBurst) caller.call();
  wait_for([&] { return board.applied.load() >= kEvents; });
}

void publish_steadily(Board& board, const std::string& folder, const Keys& keys) {
  Node node{"tickets", folder, &define_publisher, keys.publisher};
  node.on_committed = [&](const std::vector<LogEntry>& entries) {
    for (const LogEntry& entry : entries) board.committed_ns[entry.offset] = now_ns();
  };
  tell_endpoint(board, node);
  Caller caller{node.engine(), 1};
  const std::int64_t start = now_ns();
  for (std::int64_t i = 0; i < kLatencyEvents; ++i) {
    const std::int64_t due = start + i * std::chrono::nanoseconds(kPace).count();
    while (now_ns() < due) ::usleep(50);
    caller.call();
  }
  wait_for([&] { return board.applied.load() >= kLatencyEvents; });
}

Board& new_board() { return *new (shared_memory(sizeof(Board))) Board{}; }

double events_per_second_once(const Keys& keys) {
  const Folder folder;
  Board& board = new_board();
  const Child publisher{[&] { publish_bursts(board, folder.path(), keys); }};
  const Child consumer{[&] { consume(board, folder.path(), keys); }};
  wait_for([&] { return board.applied.load() >= kEvents; });
  const auto took = static_cast<double>(board.ended_ns - board.started_ns) / 1e9;
  return static_cast<double>(kEvents) / took;
}

/// The least that durability can cost: a file, one write and one sync for 100 records of the size
/// that an event has in the log.
double raw_append_once() {
  const Folder folder;
  const int file = ::open((folder.path() + "/raw").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  const std::string burst(static_cast<std::size_t>(kBurst) * 620, 'x');
  const std::int64_t start = now_ns();
  std::int64_t written = 0;
  for (; written < kEvents; written += kBurst) {
    if (::write(file, burst.data(), burst.size()) < 0 || ::fdatasync(file) != 0) {
      throw std::runtime_error("cannot write the reference");
    }
  }
  const auto took = static_cast<double>(now_ns() - start) / 1e9;
  ::close(file);
  return static_cast<double>(written) / took;
}

/// Seconds from commit to applied, event by event.
std::vector<double> latencies_once(const Keys& keys) {
  const Folder folder;
  Board& board = new_board();
  const Child publisher{[&] { publish_steadily(board, folder.path(), keys); }};
  const Child consumer{[&] { consume(board, folder.path(), keys); }};
  wait_for([&] { return board.applied.load() >= kLatencyEvents; });
  std::vector<double> seconds;
  for (std::int64_t i = kLatencyEvents / 10; i <= kLatencyEvents; ++i) {
    seconds.push_back(static_cast<double>(board.applied_ns[i] - board.committed_ns[i]) / 1e9);
  }
  return seconds;
}

std::string ratio_of(double one, double other) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", one / other);
  return text;
}

/// The same over CURVE, beside the clear.
Figure over_curve(const std::string& what, double seconds, double clear) {
  return {what + ", over CURVE",
          in_milliseconds(seconds),
          "in the clear: " + in_milliseconds(clear),
          ratio_of(seconds, clear),
          "",
          true};
}

}  // namespace

std::vector<Figure> measure_throughput(int rounds) {
  const std::string what = "(a) durable events/s, publish to applied elsewhere, batch 100";
  const Keys keys = some_keys();
  std::vector<double> ours;
  std::vector<double> curve;
  std::vector<double> raw;
  for (int i = 0; i < rounds; ++i) {
    raw.push_back(raw_append_once());
    ours.push_back(events_per_second_once({}));
    curve.push_back(events_per_second_once(keys));
  }
  const double rate = median(ours);
  const double reference = median(raw);
  const double encrypted = median(curve);
  return {{what, with_commas(rate), "append + fdatasync: " + with_commas(reference),
           ratio_of(rate, reference), "60,000", rate >= 60'000},
          {what + ", over CURVE", with_commas(encrypted), "in the clear: " + with_commas(rate),
           ratio_of(encrypted, rate), "", true}};
}

std::vector<Figure> measure_latency() {
  const std::string what = "(b) commit to applied at 500 events/s";
  std::vector<double> clear = latencies_once({});
  std::vector<double> curve = latencies_once(some_keys());
  const double p50 = quantile(clear, 0.5);
  const double p99 = quantile(clear, 0.99);
  return {{what + ", p50", in_milliseconds(p50), "", "", "0.70 ms", p50 <= 0.0007},
          {what + ", p99", in_milliseconds(p99), "", "", "8.00 ms", p99 <= 0.008},
          over_curve(what + ", p50", quantile(curve, 0.5), p50),
          over_curve(what + ", p99", quantile(curve, 0.99), p99)};
}

}  // namespace bench
