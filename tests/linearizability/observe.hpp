#pragma once
// observe(): an HTTP answer of the reference services in the words of a history.
//
// Pure: any thread, and simulators, may use it.

#include "history.hpp"
#include "ticketing/core/time.hpp"
#include "ticketing/http/message.hpp"

namespace ticketing::linear {

/// The two clocks, read at about the same moment: answers speak of the time of day.
struct Now {
  Timestamp time_of_day;
  Instant monotonic;
};

/// What `response` says to a call of that kind. 503 says nothing; what the API does not answer to
/// such a call is Outcome::unexpected.
Answer observe(Kind kind, const Response& response, const Now& now);

}  // namespace ticketing::linear
