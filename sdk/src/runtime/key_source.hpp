#pragma once
// KeySource: gets the keys that verify tokens from the service that signs them, and keeps them
// fresh.

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "ticketing/auth/tokens.hpp"
#include "ticketing/core/log.hpp"

namespace ticketing::runtime {

class KeySource {
 public:
  /// `where`: the URL or file of a JWK Set. Asks until it has an answer, then every few minutes, on
  /// a thread of its own. Borrows both. Throws Error(invalid) for an empty or malformed place.
  KeySource(std::string where, TokenVerifier& verifier, Logger& logger);
  ~KeySource();

 private:
  void run();
  std::string read_once() const;

  std::string origin_;
  std::string path_;
  TokenVerifier& verifier_;
  Logger& logger_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ticketing::runtime
