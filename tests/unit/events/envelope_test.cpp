#include "ticketing/events/envelope.hpp"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

Envelope sample_envelope() {
  Envelope envelope;
  envelope.id = "0190-event";
  envelope.source = "/services/expiration";
  envelope.type = "expiration:complete";
  envelope.aggregate_id = "0190-order";
  envelope.time = Timestamp{milliseconds{1'700'000'000'123}};
  envelope.log_id = "0190-log";
  envelope.offset = 1;
  envelope.version = 0;
  envelope.causation_id = "0190-cause";
  envelope.correlation_id = "0190-buyer";
  envelope.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  envelope.data.text = R"({"orderId":"0190-order"})";
  return envelope;
}

// `text` with `old` replaced; it must be there.
std::string with(std::string text, const std::string& old, const std::string& now) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), now);
}

// The complaints about `json`, as `field:code` each.
std::vector<std::string> complaints_about(const std::string& json) {
  std::vector<std::string> complaints;
  try {
    decode_envelope(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    for (const FieldError& one : error.fields()) complaints.push_back(one.field + ":" + one.code);
  }
  return complaints;
}

using Strings = std::vector<std::string>;

TEST(Envelope, is_cloudevents_in_structured_mode) {
  EXPECT_EQ(encode(sample_envelope()),
            R"({"specversion":"1.0","id":"0190-event","source":"/services/expiration",)"
            R"("type":"expiration:complete","subject":"0190-order",)"
            R"("time":"2023-11-14T22:13:20.123Z","datacontenttype":"application/json",)"
            R"("logid":"0190-log","offset":1,"aggregateversion":0,"causationid":"0190-cause",)"
            R"("correlationid":"0190-buyer",)"
            R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",)"
            R"("data":{"orderId":"0190-order"}})");
}

TEST(Envelope, every_attribute_survives_a_round_trip) {
  const Envelope before = sample_envelope();
  const Envelope after = decode_envelope(encode(before));
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.source, before.source);
  EXPECT_EQ(after.type, before.type);
  EXPECT_EQ(after.aggregate_id, before.aggregate_id);
  EXPECT_EQ(after.time, before.time);
  EXPECT_EQ(after.log_id, before.log_id);
  EXPECT_EQ(after.offset, before.offset);
  EXPECT_EQ(after.version, before.version);
  EXPECT_EQ(after.causation_id, before.causation_id);
  EXPECT_EQ(after.correlation_id, before.correlation_id);
  EXPECT_EQ(after.traceparent, before.traceparent);
  EXPECT_EQ(after.data, before.data);
  EXPECT_EQ(encode(after), encode(before));
}

TEST(Envelope, cause_and_trace_may_be_absent) {
  Envelope envelope = sample_envelope();
  envelope.causation_id.reset();
  envelope.traceparent.reset();
  const std::string json = encode(envelope);
  EXPECT_EQ(json.find("causationid"), std::string::npos);
  EXPECT_EQ(json.find("traceparent"), std::string::npos);
  EXPECT_FALSE(decode_envelope(json).causation_id);
  EXPECT_FALSE(decode_envelope(json).traceparent);
}

TEST(Envelope, every_other_attribute_is_required) {
  const std::string json = encode(sample_envelope());
  for (const FieldInfo& field : record_of<Envelope>()) {
    const std::string name{field.name};
    const auto complaints = complaints_about(with(json, "\"" + name + "\":", "\"x" + name + "\":"));
    EXPECT_EQ(complaints, field.optional ? Strings{} : Strings{name + ":required"});
  }
}

TEST(Envelope, another_specification_or_content_type_is_refused) {
  const std::string json = encode(sample_envelope());
  EXPECT_EQ(complaints_about(with(json, "\"1.0\"", "\"1.1\"")),
            Strings{"specversion:unknown_value"});
  EXPECT_EQ(complaints_about(with(json, "\"1.0\"", "1.0")), Strings{"specversion:wrong_type"});
  EXPECT_EQ(complaints_about(with(json, "application/json", "text/plain")),
            Strings{"datacontenttype:unknown_value"});
}

TEST(Envelope, attributes_out_of_their_bounds_are_refused) {
  const std::string json = encode(sample_envelope());
  EXPECT_EQ(complaints_about(with(json, "\"offset\":1", "\"offset\":0")), Strings{"offset:range"});
  EXPECT_EQ(complaints_about(with(json, "version\":0", "version\":-1")),
            Strings{"aggregateversion:range"});
  EXPECT_EQ(complaints_about(with(json, "0190-event", "")), Strings{"id:length"});
  EXPECT_EQ(complaints_about(with(json, "0190-order", std::string(65, 'x'))),
            Strings{"subject:length"});
  EXPECT_EQ(complaints_about(with(json, "2023-11-14T", "2023-11-14 ")), Strings{"time:time"});
}

TEST(Envelope, unknown_attributes_are_ignored_but_must_be_json) {
  const std::string json = encode(sample_envelope());
  EXPECT_EQ(complaints_about(with(json, "{", R"({"later":[{"a":1}],)")), Strings{});
  EXPECT_EQ(complaints_about(with(json, "{", R"({"later":[{"a":01}],)")),
            Strings{":malformed_json"});
}

TEST(Envelope, one_that_is_cut_off_or_followed_by_something_is_refused) {
  const std::string json = encode(sample_envelope());
  for (std::size_t size = 0; size < json.size(); ++size) {
    EXPECT_EQ(complaints_about(json.substr(0, size)), Strings{":malformed_json"}) << size;
  }
  EXPECT_EQ(complaints_about(json + "x"), Strings{":malformed_json"});
  EXPECT_EQ(complaints_about(json + json), Strings{":malformed_json"});
}

TEST(Envelope, a_flipped_bit_is_refused_or_read_but_never_more) {
  const std::string json = encode(sample_envelope());
  for (std::size_t at = 0; at < json.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = json;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      try {
        EXPECT_EQ(decode_envelope(flipped).spec_version, SpecVersion::v1_0);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
      }
    }
  }
}

TEST(Envelope, data_of_one_mebibyte_passes_and_a_byte_more_is_too_large) {
  const auto envelope_of = [](std::size_t bytes) {
    Envelope envelope = sample_envelope();
    envelope.data.text = '"' + std::string(bytes - 2, 'x') + '"';
    return envelope;
  };
  const std::string json = encode(envelope_of(kEventDataBytesMax));
  EXPECT_EQ(decode_envelope(json).data.text.size(), kEventDataBytesMax);
  EXPECT_EQ(complaints_about(with(json, "xx", "xxx")), Strings{":too_large"});
  EXPECT_EQ(complaints_about(with(json, "xx", std::string(1 << 16, 'x'))), Strings{":too_large"});
  EXPECT_THROW(encode(envelope_of(kEventDataBytesMax + 1)), Error);
}

TEST(EnvelopeDeathTest, encoding_without_data_is_a_bug) {
  Envelope envelope = sample_envelope();
  envelope.data.text.clear();
  EXPECT_DEATH(encode(envelope), "assertion failed");
}

}  // namespace
}  // namespace ticketing
