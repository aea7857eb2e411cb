#pragma once
// What JetStream's API asks for and answers, as far as it is used here. The names are the server's.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/core/json.hpp"
#include "ticketing/core/record.hpp"

namespace ticketing::nats_driver::api {

inline constexpr std::int64_t kStreamNotFound = 10059;
inline constexpr std::int64_t kConsumerNotFound = 10014;
inline constexpr std::int64_t kWrongLastSequence = 10071;

struct Failure {
  std::int64_t err_code = 0;
  std::string description;
  static constexpr std::array kFields{field<&Failure::err_code>("err_code"),
                                      field<&Failure::description>("description")};
};

/// What is ours to say of a stream whoever has made it.
struct StreamSettings {
  std::vector<std::string> subjects;
  std::int64_t num_replicas = 1;
  bool allow_direct = true;
  bool operator==(const StreamSettings&) const = default;
  static constexpr std::array kFields{field<&StreamSettings::subjects>("subjects"),
                                      field<&StreamSettings::num_replicas>("num_replicas"),
                                      field<&StreamSettings::allow_direct>("allow_direct")};
};

/// Of a stream that is made here.
struct StreamConfig {
  std::string name;
  std::vector<std::string> subjects;
  std::string retention = "limits";
  std::int64_t max_age = 0;  ///< Nanoseconds, as all durations here.
  std::string discard = "old";
  std::string storage = "file";
  std::int64_t num_replicas = 1;
  std::int64_t duplicate_window = 0;
  bool allow_direct = true;
  static constexpr std::array kFields{field<&StreamConfig::name>("name"),
                                      field<&StreamConfig::subjects>("subjects"),
                                      field<&StreamConfig::retention>("retention"),
                                      field<&StreamConfig::max_age>("max_age"),
                                      field<&StreamConfig::discard>("discard"),
                                      field<&StreamConfig::storage>("storage"),
                                      field<&StreamConfig::num_replicas>("num_replicas"),
                                      field<&StreamConfig::duplicate_window>("duplicate_window"),
                                      field<&StreamConfig::allow_direct>("allow_direct")};
};

struct StreamState {
  std::int64_t messages = 0;
  std::int64_t last_seq = 0;
  std::optional<std::int64_t> num_deleted = {};  ///< Absent: none was taken out of the middle.
  static constexpr std::array kFields{field<&StreamState::messages>("messages"),
                                      field<&StreamState::last_seq>("last_seq"),
                                      field<&StreamState::num_deleted>("num_deleted")};
};

struct StreamAnswer {
  std::optional<Failure> error;
  std::optional<JsonText> config;  ///< With more than is known here.
  std::optional<StreamState> state;
  static constexpr std::array kFields{field<&StreamAnswer::error>("error"),
                                      field<&StreamAnswer::config>("config"),
                                      field<&StreamAnswer::state>("state")};
};

/// To a published message.
struct Acknowledgement {
  std::optional<Failure> error;
  std::optional<std::int64_t> seq;
  std::optional<bool> duplicate = {};  ///< Its id is known: it was not stored again.
  static constexpr std::array kFields{field<&Acknowledgement::error>("error"),
                                      field<&Acknowledgement::seq>("seq"),
                                      field<&Acknowledgement::duplicate>("duplicate")};
};

struct ConsumerConfig {
  std::string durable_name;
  std::string deliver_policy = "new";
  std::string ack_policy = "explicit";
  std::int64_t ack_wait = 0;
  std::int64_t max_ack_pending = 0;
  std::optional<std::string> filter_subject = {};
  std::string replay_policy = "instant";
  static constexpr std::array kFields{field<&ConsumerConfig::durable_name>("durable_name"),
                                      field<&ConsumerConfig::deliver_policy>("deliver_policy"),
                                      field<&ConsumerConfig::ack_policy>("ack_policy"),
                                      field<&ConsumerConfig::ack_wait>("ack_wait"),
                                      field<&ConsumerConfig::max_ack_pending>("max_ack_pending"),
                                      field<&ConsumerConfig::filter_subject>("filter_subject"),
                                      field<&ConsumerConfig::replay_policy>("replay_policy")};
};

struct ConsumerRequest {
  std::string stream_name;
  ConsumerConfig config;
  static constexpr std::array kFields{field<&ConsumerRequest::stream_name>("stream_name"),
                                      field<&ConsumerRequest::config>("config")};
};

struct ConsumerAnswer {
  std::optional<Failure> error;
  std::optional<ConsumerConfig> config;
  static constexpr std::array kFields{field<&ConsumerAnswer::error>("error"),
                                      field<&ConsumerAnswer::config>("config")};
};

}  // namespace ticketing::nats_driver::api
