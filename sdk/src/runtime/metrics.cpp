#include "runtime/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <tuple>

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
};

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
  for (const ServiceGauges& service : services) {
    const std::map<std::string, std::string> labels{{"service", service.service}};
    impl_->log_head.Add(labels).Set(static_cast<double>(service.log_head));
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
