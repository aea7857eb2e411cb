#pragma once
// DeadLetter: an event that a consumer has set aside, as its inbox knows it, and as a process tells
// of it in JSON. Values: no thread rules.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/core/record.hpp"

namespace ticketing {

/// `retry`: is tried again at its time. `behind`: waits for an earlier event of its aggregate.
/// `dead`: was given up; somebody redrives or skips it.
inline constexpr std::array<std::string_view, 3> kDeadLetterStates{"retry", "behind", "dead"};

struct DeadLetter {
  std::string log;
  std::int64_t offset = 0;
  std::string aggregate_id;
  std::string subject;
  std::string state;             ///< One of kDeadLetterStates.
  std::int64_t attempts = 0;     ///< That have failed.
  std::string reason;            ///< Of the last one that did not succeed.
  std::optional<Timestamp> due;  ///< Of a retry.
  std::string envelope;          ///< As it was received. Only Inbox::find() fills it.
};

/// Which of them. In the order of logs and offsets.
struct DeadLetterQuery {
  std::string state = {};  ///< Empty: all.
  std::string after_log = {};
  std::int64_t after_offset = 0;  ///< Exclusive.
  std::int64_t count_max = INT64_MAX;
};

/// What the admin listener of a process answers (docs/reference/admin.md).
struct DeadLetterAnswer {
  std::string id;  ///< `SERVICE/LOG/OFFSET`.
  std::string service;
  std::string log;
  std::int64_t offset = 0;
  std::string state;
  std::int64_t attempts = 0;
  std::string subject;
  std::string aggregate_id;
  std::string reason;
  std::optional<Timestamp> due;
  std::optional<JsonText> event;           ///< Its envelope. Not in lists.
  std::optional<std::string> undecodable;  ///< In place of `event` where that is no envelope.

  static constexpr std::array kFields{
      field<&DeadLetterAnswer::id>("id"),
      field<&DeadLetterAnswer::service>("service"),
      field<&DeadLetterAnswer::log>("log"),
      field<&DeadLetterAnswer::offset>("offset"),
      field<&DeadLetterAnswer::state>("state"),
      field<&DeadLetterAnswer::attempts>("attempts"),
      field<&DeadLetterAnswer::subject>("subject"),
      field<&DeadLetterAnswer::aggregate_id>("aggregateId"),
      field<&DeadLetterAnswer::reason>("reason"),
      field<&DeadLetterAnswer::due>("due"),
      field<&DeadLetterAnswer::event>("event"),
      field<&DeadLetterAnswer::undecodable>("undecodable"),
  };
};

}  // namespace ticketing
