#!/usr/bin/env python3
"""Writes a copy of a source file with mistakes planted in it, each behind a switch.

The mistakes are known ones of systems like this. They exist in no product source: the copies are
generated for one test program, which turns one on and waits for the simulator to find it. A
mistake names the text that it replaces; when that text has changed, this fails, and the mistake
has to be planted anew.

    plant.py SOURCE COPY     writes the copy of SOURCE, a path below the project's root
    plant.py --sources       lists the sources that have mistakes
    plant.py --mistakes      lists their names, with nats: before those to be found over NATS
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
IS = "planted::is"

# (mistake, source, text, what stands there instead). `@` is the condition that it is turned on.
MISTAKES = [
    # A consumer that does not know what it has applied.
    ("no_dedupe", "sdk/src/messaging/inbox.cpp",
     "std::optional<Cursor> Inbox::cursor(Transaction& tx, std::string_view log) {\n",
     "std::optional<Cursor> Inbox::cursor(Transaction& tx, std::string_view log) {\n"
     "  if (@) return std::nullopt;\n"),
    # A batch is called applied before it is durable.
    ("ack_before_commit", "sdk/src/runtime/engine.cpp",
     "  auto effects = std::make_shared<Effects>();\n  try {\n    database_.submit(\n"
     "        [this, batch, effects]",
     "  if (@) std::exchange(done, [](bool) {})(true);\n"
     "  auto effects = std::make_shared<Effects>();\n  try {\n    database_.submit(\n"
     "        [this, batch, effects]"),
    # Events are taken as they come, and the last one wins: in the subscription, the inbox and the
    # replica, each of which would see it.
    ("no_version_check", "sdk/src/messaging/subscription.cpp",
     "  if (position.offset <= position_) return;\n",
     "  if (@) {\n    position_ = std::max(position_, position.offset);\n"
     "    return buffer_.push_back({position.offset, std::move(envelope)});\n  }\n"
     "  if (position.offset <= position_) return;\n"),
    ("no_version_check", "sdk/src/messaging/inbox.cpp",
     "event.offset <= stored->offset) continue;",
     "event.offset <= stored->offset && !@) continue;"),
    ("no_version_check", "sdk/src/messaging/replica.cpp",
     "  if (envelope.version <= now.version) return {Verdict::duplicate, {}};\n",
     "  if (@) {\n"
     "    store(tx, kind_, id, envelope.version, envelope.offset, envelope.data.text);\n"
     "    return {Verdict::applied, {}};\n  }\n"
     "  if (envelope.version <= now.version) return {Verdict::duplicate, {}};\n"),
    # Whatever arrives is taken for the next one.
    ("gap_ignored", "sdk/src/messaging/subscription.cpp",
     "  if (follows(position) && room()) {\n",
     "  if ((@ || follows(position)) && room()) {\n"),
    # What was published before the subscription was in force is not asked for.
    ("join_without_fetch", "sdk/src/messaging/subscription.cpp",
     "  joined_ = true;\n",
     "  if (@ && !joined_) position_ = std::max(position_, position.offset);\n  joined_ = true;\n"),
    # An offset is drawn from a counter that a failed transaction does not turn back.
    ("offset_outside_commit", "sdk/src/messaging/event_log.cpp",
     "    envelope.offset = ++offset;\n",
     "    if (@) offset = planted::next_offset(id_, offset);\n"
     "    envelope.offset = ++offset;\n"),
    # Subscribers hear of it first, then it is committed, or not.
    ("publish_before_commit", "sdk/src/runtime/engine_routes.cpp",
     "  flush(tx, context, run.effects);\n",
     "  flush(tx, context, run.effects);\n"
     "  if (@) settle(std::exchange(run.effects, {}));\n"),
    # The client hears of it before it is on the disk.
    ("answer_before_sync", "sdk/src/storage/sqlite_database.cpp",
     "      writer_->run_script(kWriterPragmas);\n",
     "      writer_->run_script(kWriterPragmas);\n"
     "      if (@) writer_->run_script(\"PRAGMA synchronous = NORMAL\");\n"),
    # A ticket is freed for whichever order was cancelled.
    ("unfenced_release", "services/tickets/ticket.cpp",
     "  if (ticket.order_id != order_id) return std::nullopt;\n",
     "  if (@ ? !ticket.order_id : ticket.order_id != order_id) return std::nullopt;\n"),
    # A ticket is reserved though its price has changed since.
    ("unfenced_reservation", "services/tickets/ticket.cpp",
     "ticket.version != order.ticket.version)",
     "(ticket.version != order.ticket.version && !@))"),
    # A seller changes the price of what somebody is about to pay.
    ("edit_while_reserved", "services/tickets/ticket.cpp",
     "  if (ticket.order_id) {\n",
     "  if (ticket.order_id && !@) {\n"),
    # The timer of an order goes off, whatever has become of the order.
    ("timer_ignores_state", "services/orders/order.cpp",
     "std::optional<Order> expire(const Order& order) {\n",
     "std::optional<Order> expire(const Order& order) {\n"
     "  if (@ && order.status == OrderStatus::complete) {\n"
     "    Order next = order;\n    ++next.version;\n    next.status = OrderStatus::cancelled;\n"
     "    next.reason = CancelReason::expired;\n    return next;\n  }\n"),
    # Looking first, and then inserting, without the index that makes it one step.
    ("two_active_orders", "services/orders/order.cpp",
     "  if (demand.active_order) return Availability::taken;\n",
     "  if (demand.active_order && !@) return Availability::taken;\n"),
    ("two_active_orders", "services/orders/order.cpp",
     "  return demand.newest_version >= ticket.version ?",
     "  return demand.newest_version >= ticket.version && !@ ?"),
    ("two_active_orders", "services/orders/storage.cpp",
     "std::span<const std::string_view> migrations() { return kMigrations; }\n",
     "std::span<const std::string_view> migrations() {\n"
     "  return @ ? planted::without_unique_index(kMigrations) : kMigrations;\n}\n"),
    # Every try is a new charge to the bank.
    ("charge_without_key", "services/payments/handlers.cpp",
     "provider.charge(id, ",
     "provider.charge(@ ? planted::fresh_key() : id, "),
    # Money taken for a dead order is kept.
    ("no_refund", "services/payments/handlers.cpp",
     "void owe_refund(const Charge& charge, Context& ctx) {\n",
     "void owe_refund(const Charge& charge, Context& ctx) {\n  if (@) return;\n"),
    # What a consumer that is behind still needs is taken for old.
    ("compaction_ignores_cursors", "sdk/src/runtime/log_keeper.cpp",
     "limit.offset = std::min(limit.offset, known.cursor);",
     "if (!@) limit.offset = std::min(limit.offset, known.cursor);"),
    # Of two events the newer one goes.
    ("compaction_removes_newest", "sdk/src/messaging/compaction.cpp",
     "slice.removed += remove(tx, before);",
     "slice.removed += remove(tx, @ ? newest : before);"),
    # To a late joiner: what compaction has removed is waited for, though it will never come.
    ("snapshot_taken_for_a_gap", "sdk/src/messaging/replica.cpp",
     "|| envelope.from_snapshot) {\n",
     "|| (envelope.from_snapshot && !@)) {\n"),
    ("snapshot_taken_for_a_gap", "sdk/src/messaging/replica.cpp",
     "  const auto newest = tx.query",
     "  if (@) return;\n  const auto newest = tx.query"),
    # What is left of the snapshot is taken for old.
    ("late_joiner_starts_at_the_horizon", "sdk/src/messaging/subscription.cpp",
     "  if (answer.head < fetch.after) {\n",
     "  if (@ && position_ == 0) position_ = horizon_;\n  if (answer.head < fetch.after) {\n"),
    # Events wait behind one that is tried again, but not behind one that was given up.
    ("dead_letter_lets_others_pass", "sdk/src/messaging/inbox.cpp",
     "          \"SELECT 1 FROM ticketing_inbox WHERE log = :log AND aggregate_id = :aggregate",
     "          @ ? \"SELECT 1 FROM ticketing_inbox WHERE log = :log\"\n"
     "              \" AND aggregate_id = :aggregate AND state <> 'dead' LIMIT 1\" :\n"
     "          \"SELECT 1 FROM ticketing_inbox WHERE log = :log AND aggregate_id = :aggregate"),
    # A redriven event is handled, and those behind it go on waiting.
    ("redrive_forgets_those_behind", "sdk/src/messaging/inbox.cpp",
     "settle(tx, row.log, row.event.offset, item.envelope->aggregate_id);",
     "settle(tx, row.log, row.event.offset,\n"
     "           @ && row.attempts == 0 ? \"\" : item.envelope->aggregate_id);"),
    # It is struck off the list a turn after it was handled.
    ("redriven_twice", "sdk/src/messaging/inbox.cpp",
     "    settle(tx, row.log, row.event.offset,",
     "    if (@ && row.attempts == 0) {\n"
     "      tx.execute(\"UPDATE ticketing_inbox SET attempts = 1\"\n"
     "                 \" WHERE log = :log AND log_offset = :log_offset\",\n"
     "                 row.log, row.event.offset);\n      continue;\n    }\n"
     "    settle(tx, row.log, row.event.offset,"),
    # What waits behind it is redriven with it, and handled though it fails again.
    ("redrive_wakes_all", "sdk/src/messaging/dead_letters.cpp",
     "             \"UPDATE ticketing_inbox SET state = 'retry', attempts = 0, due = :due\"\n",
     "             @ ? \"UPDATE ticketing_inbox SET state = 'retry', attempts = 0, due = :due\"\n"
     "                 \" WHERE log = :log AND log_offset >= :log_offset\" :\n"
     "             \"UPDATE ticketing_inbox SET state = 'retry', attempts = 0, due = :due\"\n"),
    # An event is stored wherever the stream ends by then, however often it comes.
    ("nats_publishes_unconditionally", "sdk/src/nats/log_publisher.cpp",
     "  if (offset > without_ids_to_ &&",
     "  if (!@ && offset > without_ids_to_ &&"),
    ("nats_publishes_unconditionally", "sdk/src/nats/log_publisher.cpp",
     "  message.headers.emplace_back(\"Nats-Expected-Last-Sequence\"",
     "  if (!@) message.headers.emplace_back(\"Nats-Expected-Last-Sequence\""),
    # On a new connection nobody listens to what is asked of the log.
    ("nats_is_deaf_after_a_reconnect", "sdk/src/nats/nats_bus_connection.cpp",
     "  for (const auto& [name, publisher] : publishers_) hear(*publisher);\n",
     "  for (const auto& [name, publisher] : publishers_) {\n"
     "    if (!@ || attempt_ == 1) hear(*publisher);\n  }\n"),
    # What a stream does not bring is waited for: the log is not asked.
    ("nats_trusts_the_stream", "sdk/src/nats/stream_follower.cpp",
     "void StreamFollower::ask(const wire::FetchRequest& request) {\n",
     "void StreamFollower::ask(const wire::FetchRequest& request) {\n"
     "  if (@ && !deliveries_.empty()) return;\n"),
]

# Those that are to be found over NATS; these, and what begins with nats_.
OVER_NATS = ["no_dedupe", "no_version_check", "gap_ignored", "join_without_fetch",
             "compaction_ignores_cursors"]


def runs():
    """What the test program looks for, as `nats:MISTAKE` where events go over NATS."""
    names = list(dict.fromkeys(mistake for mistake, _, _, _ in MISTAKES))
    own = [name for name in names if name.startswith("nats_")]
    others = [name for name in names if name not in own]
    return others + [f"nats:{name}" for name in OVER_NATS + own]


def planted(source):
    text = (ROOT / source).read_text()
    for mistake, where, found, instead in MISTAKES:
        if where != source:
            continue
        # A second mistake at the same place goes before the first one.
        if found not in text:
            sys.exit(f"{source}: the text that {mistake} replaces is not there any more:\n{found}")
        text = text.replace(found, instead.replace("@", f'{IS}("{mistake}")'), 1)
    return '#include "simulation/planted.hpp"\n' + text


def main():
    if sys.argv[1:] == ["--sources"]:
        print(";".join(sorted({source for _, source, _, _ in MISTAKES})), end="")
    elif sys.argv[1:] == ["--mistakes"]:
        print("\n".join(runs()))
    else:
        source, copy = sys.argv[1:]
        pathlib.Path(copy).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(copy).write_text(planted(source))


if __name__ == "__main__":
    main()
