// How events change, as docs/how-to/evolve-a-schema.md tells it.

#include <gtest/gtest.h>

#include "ticketing/core/json.hpp"
#include "ticketing/core/json_schema.hpp"

namespace ticketing {
namespace {

namespace before {
struct Door {
  std::string id;
  static constexpr std::array kFields{field<&Door::id>("id")};
};
}  // namespace before

namespace after {
struct Door {
  std::string id;
  std::optional<std::string> colour;
  static constexpr std::array kFields{
      field<&Door::id>("id"),
      field<&Door::colour>("colour").means("absent: nobody has said"),
  };
};
}  // namespace after

TEST(Evolution, an_old_reader_takes_what_a_new_writer_sends) {
  const std::string sent = to_json(after::Door{"d1", "green"});
  EXPECT_EQ(from_json<before::Door>(sent).id, "d1");
}

TEST(Evolution, a_new_reader_takes_what_is_in_old_logs) {
  const std::string stored = to_json(before::Door{"d1"});
  EXPECT_EQ(from_json<after::Door>(stored).colour, std::nullopt);
}

TEST(Evolution, the_new_schema_demands_nothing_that_the_old_did_not) {
  const std::string schema = json_schema(record_of<after::Door>(), SchemaSide::written);
  EXPECT_NE(schema.find(R"("required":["id"])"), std::string::npos) << schema;
}

}  // namespace
}  // namespace ticketing
