#include "ticketing/events/async_api.hpp"

#include <algorithm>
#include <array>

#include "core/json_members.hpp"
#include "ticketing/core/json_schema.hpp"
#include "ticketing/events/envelope.hpp"

namespace ticketing {
namespace {

using json::Members;

constexpr std::array kSharedEvents{
    event_info<UserCreated>(),    event_info<UserUpdated>(),        event_info<TicketCreated>(),
    event_info<TicketUpdated>(),  event_info<OrderCreated>(),       event_info<OrderUpdated>(),
    event_info<OrderCancelled>(), event_info<ExpirationComplete>(), event_info<PaymentCreated>(),
    event_info<PaymentFailed>(),  event_info<PaymentRefunded>(),
};

std::string constant(std::string_view value) {
  return Members{}.text("type", "string").text("const", value).done();
}

/// An envelope's field, narrowed to what it says in this event.
std::string envelope_field(const FieldInfo& field, const EventInfo& event) {
  if (field.name == "type") return constant(event.subject);
  if (field.name == "source") return constant("/ticketing/" + std::string{event.publisher});
  if (field.name == "data") return json_schema(event.data, SchemaSide::written);
  return json_schema(field, SchemaSide::written);
}

/// `ticket:created` as part of a name, where colons are not allowed.
std::string dashed(std::string_view subject) {
  std::string name{subject};
  std::replace(name.begin(), name.end(), ':', '-');
  return name;
}

void add_envelope(Members& schema, const EventInfo& event) {
  Members properties;
  std::vector<std::string_view> required;
  for (const FieldInfo& field : record_of<Envelope>()) {
    properties.add(field.name, envelope_field(field, event));
    if (!field.optional) required.push_back(field.name);
  }
  schema.text("title", event.subject);
  if (!event.meaning.empty()) schema.text("description", event.meaning);
  schema.text("type", "object").add("properties", properties.done());
  schema.add("required", json::array_of_texts(required));
}

std::string reference(std::string_view path) {
  return Members{}.text("$ref", "#/" + std::string{path}).done();
}

std::string channel(const EventInfo& event) {
  const std::string name = dashed(event.subject);
  return Members{}
      .text("address", event.subject)
      .text("summary", event.meaning)
      .add("messages", Members{}.add(name, reference("components/messages/" + name)).done())
      .done();
}

std::string message(const EventInfo& event) {
  Members payload;
  add_envelope(payload, event);
  return Members{}
      .text("name", event.subject)
      .text("summary", event.meaning)
      .text("contentType", "application/cloudevents+json")
      .add("correlationId", R"({"location":"$message.payload#/correlationid"})")
      .add("payload", payload.done())
      .done();
}

std::string operation(std::string_view action, const std::string& service, const EventInfo& event) {
  const std::string path = "channels/" + dashed(event.subject);
  const std::string messages = '[' + reference(path + "/messages/" + dashed(event.subject)) + ']';
  return Members{}
      .text("action", action)
      .add("channel", reference(path))
      .add("messages", messages)
      .add("tags", "[" + Members{}.text("name", service).done() + "]")
      .done();
}

void add_operations(Members& operations, const EventFlow& flow) {
  const std::string name = dashed(flow.event.subject);
  const std::string publisher{flow.event.publisher};
  operations.add(publisher + ".sends." + name, operation("send", publisher, flow.event));
  for (const std::string& listener : flow.listeners) {
    operations.add(listener + ".receives." + name, operation("receive", listener, flow.event));
  }
}

/// ZeroMQ has no binding in AsyncAPI; docs/reference/wire.md has the frames.
std::string servers(const DocumentInfo& info) {
  const std::string bus = Members{}.text("host", info.server).text("protocol", "zeromq").done();
  return Members{}.add("bus", bus).done();
}

}  // namespace

std::span<const EventInfo> shared_events() { return kSharedEvents; }

std::string event_schema(const EventInfo& event) {
  Members schema;
  schema.text("$schema", "https://json-schema.org/draft/2020-12/schema");
  add_envelope(schema, event);
  return schema.done();
}

std::string async_api(const DocumentInfo& info, std::span<const EventFlow> flows) {
  Members channels;
  Members operations;
  Members messages;
  for (const EventFlow& flow : flows) {
    channels.add(dashed(flow.event.subject), channel(flow.event));
    messages.add(dashed(flow.event.subject), message(flow.event));
    add_operations(operations, flow);
  }
  Members about;
  about.text("title", info.title).text("version", info.version);
  about.text("description", info.description);
  return Members{}
      .text("asyncapi", "3.0.0")
      .add("info", about.done())
      .text("defaultContentType", "application/cloudevents+json")
      .add("servers", servers(info))
      .add("channels", channels.done())
      .add("operations", operations.done())
      .add("components", Members{}.add("messages", messages.done()).done())
      .done();
}

}  // namespace ticketing
