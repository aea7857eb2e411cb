#pragma once
// A NATS server with JetStream for simulated worlds.
//
//     testing::World world{{.seed = 7, .transport = testing::simulated_nats()}};
//
// Each process has the bus of production, but for libnats and threads. The server stores streams
// and durable consumers as JetStream does, with all that it leaves open: events come in any order
// and more than once, connections break, and a server that loses power has forgotten what it
// acknowledged since it last synced. Source: docs.nats.io, "JetStream", and ADR 18.

#include "ticketing/testing/world.hpp"

namespace ticketing::testing {

/// Each world gets a server of its own. Throws nothing.
MakeWorldTransport simulated_nats();

}  // namespace ticketing::testing
