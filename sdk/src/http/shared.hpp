#pragma once
// What the threads of one server share. Each part says itself who may call it.

#include <algorithm>

#include "http/connection.hpp"
#include "http/waiting_room.hpp"
#include "http/work_queue.hpp"
#include "ticketing/core/log.hpp"
#include "ticketing/http/server.hpp"

namespace ticketing::http {

struct Shared {
  Shared(HttpOptions given, HttpHandler run, Logger& log)
      : options(std::move(given)),
        handler(std::move(run)),
        logger(log),
        queue(options.limits.queue_max, std::max<std::size_t>(2, options.workers / 4)),
        room(options.limits.waiting_max, bell) {}

  const HttpOptions options;
  const HttpLimits& limits = options.limits;
  const HttpHandler handler;
  Logger& logger;
  Counters counters;
  Doorbell bell;  ///< Wakes the event loop.
  WorkQueue queue;
  WaitingRoom room;
};

}  // namespace ticketing::http
