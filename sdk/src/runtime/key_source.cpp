#include "runtime/key_source.hpp"

#include <fstream>
#include <sstream>

#include "ticketing/core/error.hpp"
#include "ticketing/http/client.hpp"

namespace ticketing::runtime {

namespace {

constexpr std::chrono::milliseconds kRetry{200};
constexpr std::chrono::minutes kRefresh{5};
constexpr std::chrono::seconds kTimeout{2};

}  // namespace

KeySource::KeySource(std::string where, TokenVerifier& verifier, Logger& logger)
    : verifier_(verifier), logger_(logger) {
  if (where.empty()) {
    throw Error(ErrorCode::invalid,
                "say where the keys that verify tokens are: --jwks "
                "http://127.0.0.1:8101/.well-known/jwks.json, or a file");
  }
  const std::size_t host = where.rfind("http://", 0) == 0 ? sizeof("http://") - 1 : 0;
  // What looks like a URL is none of our files.
  if (host == 0 && where.find("://") != std::string::npos) {
    throw Error(ErrorCode::invalid, "\"" + where +
                                        "\" is not a value for jwks; write a file, or a URL as in "
                                        "http://127.0.0.1:8101/.well-known/jwks.json");
  }
  const std::size_t slash = host == 0 ? std::string::npos : where.find('/', host);
  if (host != 0) {
    origin_ = where.substr(0, slash);
    path_ = slash == std::string::npos ? "/" : where.substr(slash);
    HttpClient{origin_};  // Refuses what is not a URL.
  } else {
    path_ = where;
  }
  thread_ = std::thread{[this] { run(); }};
}

KeySource::~KeySource() {
  {
    const std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

std::string KeySource::read_once() const {
  if (origin_.empty()) {
    std::ifstream file{path_};
    if (!file) throw Error(ErrorCode::unavailable, "there is no such file, or not for us to read");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  return HttpClient{origin_, kTimeout}.send("GET", path_).body;
}

void KeySource::run() {
  std::unique_lock guard{mutex_};
  bool told = false;
  while (!stopping_) {
    guard.unlock();
    std::chrono::milliseconds pause = kRefresh;
    try {
      KeySet keys = KeySet::from_jwks(read_once());
      if (keys.empty()) throw Error(ErrorCode::unavailable, "no key there");
      verifier_.set_keys(std::move(keys));
    } catch (const Error& error) {
      pause = kRetry;
      if (!std::exchange(told, true)) {
        logger_.warning("no keys to verify tokens with yet",
                        {{"from", origin_ + path_}, {"reason", error.what()}});
      }
    }
    guard.lock();
    stop_.wait_for(guard, pause, [this] { return stopping_; });
  }
}

}  // namespace ticketing::runtime
