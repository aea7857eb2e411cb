#include "support/conformance.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "support/postgres_server.hpp"

namespace ticketing::test {

namespace {

// Sanitizers have memory and a pace of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

class PostgresStorage final : public testing::ConformanceStorage {
 public:
  ~PostgresStorage() override {
    for (const std::string& url : made_) postgres_server().drop_database(url);
  }
  PostgresStorage() = default;
  PostgresStorage(const PostgresStorage&) = delete;
  PostgresStorage& operator=(const PostgresStorage&) = delete;

  std::string make() override { return made_.emplace_back(postgres_server().create_database()); }
  std::string copy_of(const std::string& url) override {
    return made_.emplace_back(postgres_server().copy_database(url));
  }

 private:
  std::vector<std::string> made_;
};

}  // namespace

testing::ConformanceOptions conformance_options() {
  const char* const wanted = std::getenv("TICKETING_CONFORMANCE");
  const bool is_full = wanted != nullptr && std::string_view{wanted} == "full";
  auto options = is_full ? testing::full_conformance() : testing::ConformanceOptions{};
  const char* const seed = std::getenv("TICKETING_CONFORMANCE_SEED");
  if (seed != nullptr) options.seed = std::stoull(seed);
  if (kIsSanitized) options.memory_growth_bytes_max = 0;
  if (tests_use_postgres()) options.storage = [] { return std::make_unique<PostgresStorage>(); };
  return options;
}

void expect_held(const std::string& name, const testing::MakeTransport& make) {
  const auto report = testing::run_bus_case(name, make, conformance_options());
  std::printf("  %s\n", testing::to_text(report).c_str());
  EXPECT_TRUE(report.passed) << testing::to_text(report);
  EXPECT_GT(report.applied, 0);
}

}  // namespace ticketing::test
