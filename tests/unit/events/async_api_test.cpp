#include "ticketing/events/async_api.hpp"

#include <gtest/gtest.h>

#include <set>

#include "ticketing/core/json.hpp"

namespace ticketing {
namespace {

struct DoorOpened {
  std::string id;
  static constexpr std::string_view kSubject = "door:opened";
  static constexpr std::string_view kPublisher = "doors";
  static constexpr std::array kFields{field<&DoorOpened::id>("id")};
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return 0; }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(EventSchema, is_the_envelope_with_the_data_inside) {
  const std::string schema = event_schema(event_info<DoorOpened>());
  EXPECT_TRUE(holds(schema, R"("$schema":"https://json-schema.org/draft/2020-12/schema")"));
  EXPECT_TRUE(holds(schema, R"("type":{"type":"string","const":"door:opened"})"));
  EXPECT_TRUE(holds(schema, R"("source":{"type":"string","const":"/ticketing/doors"})"));
  EXPECT_TRUE(holds(schema, R"("data":{"type":"object","properties":{"id":{"type":"string"}},)"
                            R"("required":["id"]})"));
  EXPECT_TRUE(holds(schema, R"("required":["specversion","id","source","type","subject","time",)"
                            R"("datacontenttype","logid","offset","aggregateversion",)"
                            R"("correlationid","data"])"));
}

TEST(AsyncApi, says_who_sends_and_who_receives) {
  const std::vector<EventFlow> flows{{event_info<DoorOpened>(), {"lights", "alarm"}}};
  const std::string document = async_api({"House", "1.2", "All of it.", "127.0.0.1:7100"}, flows);
  EXPECT_TRUE(holds(document, R"({"asyncapi":"3.0.0","info":{"title":"House","version":"1.2",)"));
  EXPECT_TRUE(holds(document, R"("channels":{"door-opened":{"address":"door:opened",)"));
  EXPECT_TRUE(holds(document, R"("doors.sends.door-opened":{"action":"send",)"));
  EXPECT_TRUE(holds(document, R"("lights.receives.door-opened":{"action":"receive",)"));
  EXPECT_TRUE(holds(document, R"("alarm.receives.door-opened":{"action":"receive",)"));
}

TEST(SharedEvents, have_subjects_of_their_own_and_say_when_they_are_published) {
  std::set<std::string_view> subjects;
  for (const EventInfo& event : shared_events()) {
    EXPECT_TRUE(subjects.insert(event.subject).second) << event.subject;
    EXPECT_FALSE(event.meaning.empty()) << event.subject;
    EXPECT_FALSE(event.data.empty()) << event.subject;
  }
  EXPECT_EQ(subjects.size(), 11U);
}

}  // namespace
}  // namespace ticketing
