#pragma once
// NATS JetStream behind the seam of Bus: link `ticketing::nats` and call use_nats() before run();
// `--bus nats://HOST:4222` works then.
//
// A service's log stays the truth. Its publisher copies it into a stream, event by event, each only
// if the stream ends where the one before it stands; consumers take from the stream what is live,
// and fetch from the log, by way of the server, what lies before or is missing. So what is
// guaranteed is what is guaranteed over ZeroMQ, and a stream that is lost is written again.
// While the server is away events wait in the log. docs/how-to/carry-events-over-nats.md.

namespace ticketing {

/// Before any thread is started.
void use_nats();

}  // namespace ticketing
