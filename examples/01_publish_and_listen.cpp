// Publish and listen: one service says what it is told, another writes down what it hears. Both
// run in this program, or each in a process of its own (--services). Run it beside ticketd, which
// has the keys that verify tokens:
//
//     example_01_publish_and_listen --data-dir data/first --peer auth=tcp://127.0.0.1:7100
//       --jwks http://127.0.0.1:8080/.well-known/jwks.json

#include <array>

#include "ticketing/runtime/host.hpp"

namespace {

using namespace ticketing;

/// The event: what has happened, to what, and who tells of it.
struct GreetingSent {
  std::string id;
  std::string text;

  static constexpr std::string_view kSubject = "greeting:sent";
  static constexpr std::string_view kPublisher = "greeter";
  static constexpr std::array kFields{field<&GreetingSent::id>("id"),
                                      field<&GreetingSent::text>("text")};
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return 0; }  // A greeting never changes.
};

/// The body of a request, and what it must be like.
struct NewGreeting {
  std::string text;
  static constexpr std::array kFields{
      field<&NewGreeting::text>("text", Rule::text(1, 200).trim().says("Say something"))};
};

Response send_greeting(const NewGreeting& body, Context& ctx) {
  const GreetingSent greeting{ctx.new_id(), body.text};
  ctx.publish(greeting);  // The answer leaves when this is on the disk, in the greeter's log.
  return Response::json(201, to_json(greeting));
}

void define_greeter(Service& service) {
  service.post<NewGreeting>("/api/greetings", Access::open, &send_greeting);
}

constexpr std::array<std::string_view, 1> kTables{
    "create table heard (number integer primary key, id text not null, text text not null)"};

void on_greeting(const GreetingSent& greeting, Context& ctx) {
  ctx.tx().execute("insert into heard (id, text) values (:id, :text)", greeting.id, greeting.text);
}

Response list_heard(Context& ctx) {
  std::vector<GreetingSent> heard;
  ctx.tx().for_each<std::string, std::string>("select id, text from heard order by number",
                                              [&](std::string id, std::string text) {
                                                heard.push_back({std::move(id), std::move(text)});
                                              });
  return Response::json(200, list_to_json(heard));
}

void define_listener(Service& service) {
  service.migrate(kTables);
  service.on<GreetingSent>(&on_greeting);
  service.get("/api/heard", Access::open, &list_heard);
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv,
             {.name = "first",
              .summary = "greets, and listens",
              .services = {{"greeter", &define_greeter}, {"listener", &define_listener}},
              .listen = "127.0.0.1:8090",
              .admin = "127.0.0.1:8091",
              .bus_bind = "tcp://127.0.0.1:7190"});
}
