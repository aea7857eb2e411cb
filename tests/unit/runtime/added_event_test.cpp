// A new event, from its definition to its place in the reference, as docs/how-to/add-an-event.md
// tells it.

#include <gtest/gtest.h>

#include "ticketing/events/async_api.hpp"
#include "ticketing/runtime/service.hpp"

namespace ticketing {
namespace {

struct TicketWatched {
  std::string id;
  std::int64_t version = 0;
  std::string user_id;

  static constexpr std::string_view kSubject = "watch:created";
  static constexpr std::string_view kMeaning = "someone wants to hear of a ticket";
  static constexpr std::string_view kPublisher = "watches";
  static constexpr std::array kFields{
      field<&TicketWatched::id>("id"),
      field<&TicketWatched::version>("version"),
      field<&TicketWatched::user_id>("userId").means("who wants to hear"),
  };
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return version; }
};

Response watch(Context& ctx) {
  const TicketWatched watched{ctx.new_id(), 0, ctx.user().user_id};
  ctx.publish(watched);
  return Response::json(201, to_json(watched));
}

void define_watches(Service& service) {
  service.post("/api/watches", Access::require_user, &watch);
}

void define_letters(Service& service) {
  service.on<TicketWatched>([](const TicketWatched& watched, Context& ctx) {
    ctx.logger().info("a letter", {{"to", watched.user_id}});
  });
}

TEST(AddedEvent, is_heard_by_whom_it_concerns) {
  const Settings settings = Settings::from({}, {});
  Service watches{"watches", settings};
  Service letters{"letters", settings};
  define_watches(watches);
  define_letters(letters);
  EXPECT_EQ(watches.definition().routes.size(), 1U);
  EXPECT_EQ(letters.definition().events.at(std::string{TicketWatched::kSubject}).publisher,
            TicketWatched::kPublisher);
}

TEST(AddedEvent, has_a_schema) {
  const std::string schema = event_schema(event_info<TicketWatched>());
  EXPECT_NE(schema.find(R"("const":"/ticketing/watches")"), std::string::npos);
  EXPECT_NE(schema.find(R"("description":"who wants to hear")"), std::string::npos);
}

}  // namespace
}  // namespace ticketing
