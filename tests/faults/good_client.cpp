#include "good_client.hpp"

#include <algorithm>

#include "support/eventually.hpp"
#include "support/visitor.hpp"
#include "unit/http/raw_client.hpp"

namespace ticketing::test {

namespace {

constexpr const char* kAddress = "127.0.0.2";
/// How often it comes with a connection of its own, as most clients do.
constexpr std::size_t kRequestsAConnection = 10;

std::string get() { return "GET /api/tickets?limit=1 HTTP/1.1\r\nHost: a\r\n\r\n"; }

std::string post(const std::string& token) {
  const std::string body = offer();
  return "POST /api/tickets HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
         "Authorization: Bearer " +
         token + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

GoodClient::GoodClient(std::uint16_t port, std::string token)
    : port_(port), token_(std::move(token)), thread_([this] { run(); }) {}

void GoodClient::wait_for(std::size_t answers) const {
  const std::size_t wanted = answers_ + answers;
  eventually([&] { return answers_ >= wanted; });
}

Service GoodClient::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  if (times_.empty()) return {0, failures_, std::chrono::milliseconds::max()};
  std::sort(times_.begin(), times_.end());
  const auto p99 = times_[times_.size() * 99 / 100];
  return {times_.size(), failures_, std::chrono::ceil<std::chrono::milliseconds>(p99)};
}

void GoodClient::run() {
  while (!stopping_) {
    const auto start = SteadyClock::now();
    RawClient client{port_, kAddress};
    auto since = start;  // Getting in is part of the first answer.
    for (std::size_t i = 0; i < kRequestsAConnection && !stopping_; ++i) {
      const bool writes = i % 2 == 1;
      const int status = client.exchange(writes ? post(token_) : get()).status;
      const auto now = SteadyClock::now();
      times_.push_back(now - since);
      since = now;
      ++answers_;
      if (status == (writes ? 201 : 200)) continue;
      ++failures_;
      break;
    }
  }
}

}  // namespace ticketing::test
