#include "runtime/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <functional>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

namespace ticketing::runtime {

namespace {

using prometheus::Histogram;

/// Seconds: from a cached read to the patience of a request that waits for an event.
const Histogram::BucketBoundaries kLatencyBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                  0.05,   0.1,   0.25,   0.5,   1.0,  2.5};

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  prometheus::Family<Histogram>& requests =
      prometheus::BuildHistogram()
          .Name("ticketing_http_request_seconds")
          .Help("Requests by method, route and status, and how long they took")
          .Register(registry);
  std::mutex mutex;
  /// Looking a series up by its labels allocates; the handful of those that exist are kept here.
  std::map<std::tuple<std::string, std::string, int>, Histogram*> series;

  prometheus::Family<prometheus::Counter>& handshake_failures =
      prometheus::BuildCounter()
          .Name("ticketing_bus_handshake_failures_total")
          .Help("Peers that did not come into the bus, by reason")
          .Register(registry);

  prometheus::Family<prometheus::Gauge>& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }
  prometheus::Family<prometheus::Gauge>& log_head =
      gauge("ticketing_log_head", "Offset of the newest event in the service's log");
  prometheus::Family<prometheus::Gauge>& log_horizon =
      gauge("ticketing_log_horizon", "Offset up to which the log is a snapshot");
  prometheus::Family<prometheus::Gauge>& log_events =
      gauge("ticketing_log_events", "Events that are in the log");
  prometheus::Family<prometheus::Gauge>& log_oldest =
      gauge("ticketing_log_oldest_seconds", "Age of the oldest event in the log");
  prometheus::Family<prometheus::Gauge>& log_cursor = gauge(
      "ticketing_log_consumer_cursor", "Offset up to which a consumer needs nothing any more");
  prometheus::Family<prometheus::Gauge>& log_lag =
      gauge("ticketing_log_consumer_lag", "Offsets from there to the log's head");
  prometheus::Family<prometheus::Gauge>& log_silent =
      gauge("ticketing_log_consumer_silent_seconds", "Time since the consumer was heard of");
  prometheus::Family<prometheus::Gauge>& log_forgotten =
      gauge("ticketing_log_consumers_forgotten",
            "Consumers, since the start, for which the log is not kept any more");
  prometheus::Family<prometheus::Gauge>& size =
      gauge("ticketing_database_bytes", "Size of the service's database");
  prometheus::Family<prometheus::Gauge>& free =
      gauge("ticketing_database_free_bytes", "Of that, free for what is to come");
  prometheus::Family<prometheus::Gauge>& dead_letters =
      gauge("ticketing_dead_letters", "Events that were given up");
  prometheus::Family<prometheus::Gauge>& outbox =
      gauge("ticketing_outbox_waiting", "Durable events that the bus has not been given yet");
  prometheus::Family<prometheus::Gauge>& outbox_age =
      gauge("ticketing_outbox_age_seconds", "How long the oldest of those has been durable");
  prometheus::Family<prometheus::Gauge>& commits =
      gauge("ticketing_commits", "Commits, each one sync, since the start");
  prometheus::Family<prometheus::Gauge>& healthy =
      gauge("ticketing_database_healthy", "1 when the last commit went through");
  prometheus::Family<prometheus::Gauge>& lag =
      gauge("ticketing_consumer_lag", "Offsets by which a consumer is behind a log's head");
  prometheus::Family<prometheus::Gauge>& http =
      gauge("ticketing_http", "Counts of the HTTP listener since the start");

  std::mutex page_mutex;
  std::vector<std::function<void()>> remove_consumers;  ///< What the last page told of them.

  void set_log(const ServiceGauges& service);
  void set_consumer(prometheus::Family<prometheus::Gauge>& family,
                    const std::map<std::string, std::string>& labels, double value) {
    prometheus::Gauge& gauge = family.Add(labels);
    gauge.Set(value);
    remove_consumers.push_back([&family, &gauge] { family.Remove(&gauge); });
  }
};

void Metrics::Impl::set_log(const ServiceGauges& service) {
  const std::map<std::string, std::string> labels{{"service", service.service}};
  const LogGauges& log = service.log;
  log_head.Add(labels).Set(static_cast<double>(log.head));
  log_horizon.Add(labels).Set(static_cast<double>(log.horizon));
  log_events.Add(labels).Set(static_cast<double>(log.events));
  log_oldest.Add(labels).Set(log.oldest_seconds);
  log_forgotten.Add(labels).Set(static_cast<double>(log.consumers_forgotten));
  size.Add(labels).Set(static_cast<double>(service.size.bytes));
  free.Add(labels).Set(static_cast<double>(service.size.free_bytes));
  for (const LogGauges::Consumer& consumer : log.consumers) {
    const std::map<std::string, std::string> of{{"service", service.service},
                                                {"consumer", consumer.name}};
    set_consumer(log_cursor, of, static_cast<double>(consumer.cursor));
    set_consumer(log_lag, of, static_cast<double>(log.head - consumer.cursor));
    set_consumer(log_silent, of, consumer.silent_seconds);
  }
}

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::count_request(std::string_view method, std::string_view pattern, int status,
                            std::chrono::nanoseconds took) {
  Histogram* histogram = nullptr;
  {
    const std::lock_guard guard{impl_->mutex};
    auto& slot = impl_->series[{std::string{method}, std::string{pattern}, status}];
    if (slot == nullptr) {
      slot = &impl_->requests.Add({{"method", std::string{method}},
                                   {"route", std::string{pattern}},
                                   {"status", std::to_string(status)}},
                                  kLatencyBuckets);
    }
    histogram = slot;
  }
  histogram->Observe(std::chrono::duration<double>(took).count());
}

void Metrics::set_handshake_failures(const std::map<std::string, std::uint64_t>& failures) {
  const std::lock_guard guard{impl_->mutex};
  for (const auto& [reason, count] : failures) {
    auto& counter = impl_->handshake_failures.Add({{"reason", reason}});
    counter.Increment(static_cast<double>(count) - counter.Value());
  }
}

std::string Metrics::page(const std::vector<ServiceGauges>& services,
                          const std::vector<SubscriptionStatus>& subscriptions,
                          const HttpStats& http) {
  const std::lock_guard guard{impl_->page_mutex};
  // Consumers come and go, and who is gone must not stay on the page.
  for (const auto& remove : std::exchange(impl_->remove_consumers, {})) remove();
  for (const ServiceGauges& service : services) {
    const std::map<std::string, std::string> labels{{"service", service.service}};
    impl_->set_log(service);
    impl_->dead_letters.Add(labels).Set(static_cast<double>(service.dead_letters));
    impl_->outbox.Add(labels).Set(static_cast<double>(service.outbox_waiting));
    impl_->outbox_age.Add(labels).Set(service.outbox_age_seconds);
    impl_->commits.Add(labels).Set(static_cast<double>(service.commits));
    impl_->healthy.Add(labels).Set(service.healthy ? 1 : 0);
  }
  for (const SubscriptionStatus& status : subscriptions) {
    impl_->lag.Add({{"service", status.consumer}, {"log", status.log}})
        .Set(static_cast<double>(status.lag));
  }
  const auto set = [&](const char* what, std::uint64_t value) {
    impl_->http.Add({{"what", what}}).Set(static_cast<double>(value));
  };
  set("connections_open", http.connections_open);
  set("requests", http.requests);
  set("refused_overload", http.refused_overload);
  set("refused_limits", http.refused_limits);
  return prometheus::TextSerializer{}.Serialize(impl_->registry.Collect());
}

}  // namespace ticketing::runtime
