// Where the keys that verify tokens come from.

#include "runtime/key_source.hpp"

#include <atomic>
#include <fstream>

#include "memory_logger.hpp"
#include "support/error_of.hpp"
#include "support/eventually.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/http/server.hpp"

namespace ticketing::test {
namespace {

using runtime::KeySource;

class KeySources : public testing::Test {
 protected:
  bool gets_keys() {
    return eventually([this] { return verifier_.has_keys(); });
  }

  SigningKey key_{SigningKey::Seed{}};
  TempFolder folder_;
  MemoryLogger logger_;
  TokenVerifier verifier_;
};

/// Answers each request as `answer` says at that time.
class KeyServer {
 public:
  KeyServer()
      : server_(
            {.listen = "127.0.0.1:0", .workers = 1, .limits = {}},
            [this](Request&, const Attempt&) {
              ++asked;
              const std::lock_guard guard{mutex_};
              return HandlerResult{answer_};
            },
            null_logger()) {
    server_.start();
  }
  ~KeyServer() { server_.stop(std::chrono::seconds{1}); }
  void answers(Response answer) {
    const std::lock_guard guard{mutex_};
    answer_ = std::move(answer);
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + "/.well-known/jwks.json";
  }

  std::atomic<int> asked{0};

 private:
  std::mutex mutex_;
  Response answer_ = error_response(503, "not ready", "not_ready");
  HttpServer server_;
};

TEST_F(KeySources, a_file_is_read) {
  std::ofstream{folder_.file("jwks.json")} << key_.jwks();
  const KeySource source{folder_.file("jwks.json"), verifier_, logger_};
  EXPECT_TRUE(gets_keys());
  EXPECT_EQ(logger_.text(), "");
}

TEST_F(KeySources, a_file_that_appears_later_is_found) {
  const KeySource source{folder_.file("jwks.json"), verifier_, logger_};
  EXPECT_TRUE(eventually([this] { return logger_.has("no keys to verify tokens with yet"); }));
  EXPECT_TRUE(logger_.has("there is no such file")) << logger_.text();
  EXPECT_FALSE(verifier_.has_keys());
  std::ofstream{folder_.file("draft")} << key_.jwks();
  std::filesystem::rename(folder_.file("draft"), folder_.file("jwks.json"));
  EXPECT_TRUE(gets_keys());
}

TEST_F(KeySources, a_url_is_asked_until_it_has_keys_and_told_of_once) {
  KeyServer server;
  const KeySource source{server.url(), verifier_, logger_};
  EXPECT_TRUE(eventually([&] { return server.asked >= 2; }));
  EXPECT_FALSE(verifier_.has_keys());
  server.answers(Response::json(200, R"({"keys":[]})"));
  const int before = server.asked;
  EXPECT_TRUE(eventually([&] { return server.asked >= before + 2; }));
  EXPECT_FALSE(verifier_.has_keys());
  server.answers(Response::json(200, key_.jwks()));
  EXPECT_TRUE(gets_keys());
  EXPECT_EQ(logger_.count("no keys to verify tokens with yet"), 1U) << logger_.text();
}

TEST_F(KeySources, a_token_of_the_keys_that_were_got_is_accepted) {
  KeyServer server;
  server.answers(Response::json(200, key_.jwks()));
  const KeySource source{server.url(), verifier_, logger_};
  ASSERT_TRUE(gets_keys());
  const Timestamp now = system_clock().now();
  const std::string token = key_.issue({"ann", "a@example.com", now, now + std::chrono::hours{1}});
  EXPECT_TRUE(verifier_.verify(token, now));
}

TEST_F(KeySources, an_empty_or_malformed_place_is_refused_at_once) {
  const auto refusal = [this](const std::string& where) {
    const auto error = error_of([&] { const KeySource source{where, verifier_, logger_}; });
    if (!error) return std::string{"not refused"};
    EXPECT_EQ(error->code(), ErrorCode::invalid);
    return std::string{error->what()};
  };
  EXPECT_NE(refusal("").find("--jwks"), std::string::npos);
  for (const std::string where : {"https://127.0.0.1/jwks.json", "ftp://x", "http://", "http://:80",
                                  "http://127.0.0.1:port/x"}) {
    EXPECT_NE(refusal(where), "not refused") << where;
  }
  EXPECT_NE(refusal("https://127.0.0.1/jwks.json").find("http://"), std::string::npos);
}

TEST_F(KeySources, a_source_that_still_waits_ends_at_once) {
  std::optional<KeySource> source;
  source.emplace(folder_.file("never"), verifier_, logger_);
  const auto start = SteadyClock::now();
  source.reset();
  EXPECT_LT(SteadyClock::now() - start, std::chrono::seconds{5});
}

}  // namespace
}  // namespace ticketing::test
