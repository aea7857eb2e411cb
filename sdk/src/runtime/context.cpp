#include "ticketing/runtime/context.hpp"

#include <stdexcept>

#include "ticketing/messaging/inbox.hpp"

namespace ticketing {

Context::Context(Call call) : call_(std::move(call)) {}

Logger& Context::logger() {
  if (!logger_) {
    logger_.emplace(call_.logger, kCorrelationField, call_.causality.correlation_id);
  }
  return *logger_;
}

const Request& Context::request() const {
  TICKETING_ASSERT(call_.request != nullptr);
  return *call_.request;
}

const std::string& Context::param(std::string_view name) const {
  const auto found = request().params.find(name);
  TICKETING_ASSERT(found != request().params.end());
  return found->second;
}

const Identity& Context::user() const {
  if (!call_.caller) throw Error(ErrorCode::unauthorized, "Not authorized");
  return *call_.caller;
}

void Context::check_publisher(std::string_view subject, std::string_view publisher) const {
  if (call_.service.empty() || call_.service == publisher) return;
  throw std::logic_error(std::string{subject} + " has the kPublisher \"" + std::string{publisher} +
                         "\", and this service is called \"" + std::string{call_.service} +
                         "\": whoever follows the one would not hear of the other");
}

void Context::suspend(const Error& otherwise, std::chrono::milliseconds patience,
                      bool commit) const {
  TICKETING_ASSERT(call_.request != nullptr);
  if (call_.attempt.waited >= patience) throw otherwise;
  // No room to wait in says nothing about the request: it must not get, or be remembered with, the
  // answer of one that has waited in vain.
  if (call_.attempt.last) {
    throw Error(ErrorCode::unavailable, "the service is overloaded or stopping", "overloaded");
  }
  throw Suspended{commit};
}

void Context::wait_or(const Error& otherwise, std::chrono::milliseconds patience) const {
  suspend(otherwise, patience, false);
}

void Context::commit_and_wait(const Error& otherwise, std::chrono::milliseconds patience) const {
  suspend(otherwise, patience, true);
}

void Context::again_after(std::chrono::milliseconds pause, std::string reason) const {
  TICKETING_ASSERT(call_.request == nullptr);
  throw StillWorking{pause, std::move(reason)};
}

std::string Context::offload(std::function<std::string()> job) const {
  TICKETING_ASSERT(call_.offload != nullptr);
  if (auto result = call_.offload(std::move(job))) return std::move(*result);
  wait_or(Error(ErrorCode::unavailable, "the service is overloaded", "overloaded"),
          std::chrono::seconds{10});
}

}  // namespace ticketing
