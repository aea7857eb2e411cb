#pragma once
// LoadClient: many keep-alive connections to one server from one thread, one request under way on
// each. As cheap as can be, since it shares the processors with what it measures.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct LoadResult {
  double seconds = 0;
  std::size_t answers = 0;
  std::size_t refused = 0;        ///< Answers of another status than expected.
  std::vector<double> latencies;  ///< Seconds.
  std::size_t fewest_on_a_connection = 0;
};

struct Load {
  std::vector<std::uint16_t> ports;  ///< Of the server's instances: connections take turns.
  std::size_t connections = 1;
  int expected_status = 201;
  /// The next request, whole; nullopt: no more.
  std::function<std::optional<std::string>()> next;
  /// Sees each body, if set.
  std::function<void(std::string_view body)> on_body = nullptr;
};

/// Runs until `next` has no more, and every answer is there.
LoadResult run(const Load& load);

/// A request as LoadClient sends it.
std::string post(std::string_view path, std::string_view token, std::string_view body);

}  // namespace bench
