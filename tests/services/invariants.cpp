#include "invariants.hpp"

#include <gtest/gtest.h>

#include "support/marketplace.hpp"

namespace ticketing::test {

namespace {

struct Question {
  const char* what_breaks;
  const char* sql;
};

// What the questions of each service are about. Up to the horizon its log is a snapshot.
constexpr const char* kLogs =
    "with log as (select * from $.ticketing_log), past as (select"
    " coalesce(max(case name when 'horizon' then cast(value as integer) end), 0) as horizon,"
    " coalesce(max(case name when 'removed' then cast(value as integer) end), 0) as removed"
    " from $.ticketing_meta) ";

// Of each service by itself; `$` stands for its name.
constexpr Question kOfEach[] = {
    {"I3: its log has a gap",
     "select count(*), removed, max(log_offset), horizon from log, past"
     " group by removed, horizon having count(*) + removed <> max(log_offset)"
     " or sum(case when log_offset > horizon then 1 else 0 end) <> max(log_offset) - horizon"},
    {"I3: its snapshot holds more than the newest event of a subject",
     "select aggregate_id, subject, count(*) from log, past where log_offset <= horizon"
     " group by aggregate_id, subject having count(*) > 1"},
    // Whatever is above the horizon follows the newest below it.
    {"I4: a version with no event, or with two",
     "select aggregate_id, version, before from past, (select *, coalesce(lag(version) over"
     " (partition by aggregate_id order by log_offset), -1) as before from log) as steps"
     " where version <= before or (log_offset > horizon and version <> before + 1)"},
    {"an event that was set aside or is a dead letter",
     "select log, log_offset, subject, state, reason from $.ticketing_inbox"},
    {"I5: an event that waits for an earlier one", "select kind, id from $.ticketing_parked"},
    {"work that is not done", "select kind, id, attempts from $.ticketing_timers"},
};

constexpr Question kOfAll[] = {
    {"I1: two active orders of a ticket",
     "select ticket_id from orders.orders where status <> 'cancelled'"
     " group by ticket_id having count(*) > 1"},
    {"I2: charged minus refunded is not what the complete orders cost",
     "select charged, refunded, cost from"
     " (select coalesce(sum(amount_cents), 0) as charged from payments.charges"
     "  where status in ('completed', 'refunded')) as a,"
     " (select coalesce(sum(amount_cents), 0) as refunded from payments.charges"
     "  where status = 'refunded') as b,"
     " (select coalesce(sum(ticket_price_cents), 0) as cost from orders.orders"
     "  where status = 'complete') as c where charged - refunded <> cost"},
    {"an order that did not come to its end",
     "select id, status from orders.orders where status not in ('complete', 'cancelled')"},
    // What a snapshot has lost was counted by its offsets.
    {"I4: a log with more events, or fewer, than its aggregates have had versions",
     "select log, head, versions from (select 'auth' as log,"
     " (select max(log_offset) from auth.ticketing_log) as head,"
     " (select sum(version + 1) from auth.users) as versions"
     " union all select 'tickets', (select max(log_offset) from tickets.ticketing_log),"
     " (select sum(version + 1) from tickets.tickets)"
     " union all select 'orders', (select max(log_offset) from orders.ticketing_log),"
     " (select sum(version + 1) from orders.orders)"
     " union all select 'expiration', (select max(log_offset) from expiration.ticketing_log),"
     " (select nullif(count(*), 0) from orders.orders)"
     " union all select 'payments', (select max(log_offset) from payments.ticketing_log),"
     " (select sum(version + 1) from payments.charges where status <> 'created'))"
     " as counts where head is distinct from versions"},
    {"I3: a ticket that is not at the version of its last event",
     "select t.id, t.version from tickets.tickets t where t.version is distinct from"
     " (select max(version) from tickets.ticketing_log where aggregate_id = t.id)"},
    {"I3: an order that is not at the version of its last event",
     "select o.id, o.version from orders.orders o where o.version is distinct from"
     " (select max(version) from orders.ticketing_log where aggregate_id = o.id)"},
    {"I3: a user that is not at the version of their last event",
     "select u.id, u.version from auth.users u where u.version is distinct from"
     " (select max(version) from auth.ticketing_log where aggregate_id = u.id)"},
    {"I3: a charge that is not at the version of its last event",
     "select c.id, c.version from payments.charges c where c.version is distinct from"
     " (select max(version) from payments.ticketing_log where aggregate_id = c.id)"},
    {"I3: an order whose end of time was not published exactly once",
     "select o.id from orders.orders o where"
     " (select count(*) from expiration.ticketing_log where aggregate_id = o.id) <> 1"},
    {"I5: a ticket whose replica is not as its owner has it",
     "select t.id, t.version, r.version from tickets.tickets t left join"
     " orders.ticketing_replicas r on r.kind = 'ticket' and r.id = t.id where r.version is"
     " distinct from t.version or json_extract(r.data, '$.orderId') is distinct from t.order_id"
     " or json_extract(r.data, '$.title') is distinct from t.title"},
    {"I5: an order whose replica is not as its owner has it",
     "select o.id, o.version, r.version from orders.orders o left join"
     " payments.ticketing_replicas r on r.kind = 'order' and r.id = o.id where r.version is"
     " distinct from o.version or json_extract(r.data, '$.status') is distinct from o.status"},
    {"I6: a ticket that is held by no active order of its own",
     "select t.id, t.order_id from tickets.tickets t where t.order_id is not null and not exists"
     " (select 1 from orders.orders o where o.id = t.order_id and o.ticket_id = t.id"
     "  and o.status <> 'cancelled')"},
    {"I6: an active order that does not hold its ticket",
     "select o.id, o.status from orders.orders o join tickets.tickets t on t.id = o.ticket_id"
     " where o.status <> 'cancelled' and t.order_id is distinct from o.id"},
    {"I6: a reserved ticket that was edited, or freed by another than the order that held it",
     "with changes as (select aggregate_id, version, json_extract(envelope, '$.causationid') as"
     " cause, json_extract(envelope, '$.data.orderId') as holder,"
     " json_extract(envelope, '$.data.title') || json_extract(envelope, '$.data.price') as terms"
     " from tickets.ticketing_log)"
     " select held.aggregate_id, held.version, held.holder from changes held join changes next"
     " on next.aggregate_id = held.aggregate_id and next.version = held.version + 1"
     " where held.holder is not null and (next.holder is not null or next.terms <> held.terms"
     " or not exists (select 1 from orders.ticketing_log e where e.aggregate_id = held.holder"
     "  and e.subject = 'order:cancelled' and json_extract(e.envelope, '$.id') = next.cause))"},
    {"I6: a ticket that was reserved at another version than its buyer saw",
     "select e.aggregate_id, e.version, o.ticket_version from tickets.ticketing_log e"
     " join orders.orders o on o.id = json_extract(e.envelope, '$.data.orderId')"
     " where e.version <> o.ticket_version + 1"},
    {"I7: a charge without an order",
     "select c.id from payments.charges c where not exists"
     " (select 1 from orders.orders o where o.id = c.order_id and o.user_id = c.user_id"
     "  and o.ticket_price_cents = c.amount_cents)"},
    {"I7: two successful charges of an order",
     "select order_id from payments.charges where status in ('completed', 'refunded')"
     " group by order_id having count(*) > 1"},
    {"I7: a charge that was kept for an order that is not complete, or the other way round",
     "select c.id, c.status, o.status from payments.charges c join orders.orders o"
     " on o.id = c.order_id where c.status = 'created'"
     " or (c.status = 'completed') <> (o.status = 'complete')"},
    {"I7: a complete order that was not charged",
     "select o.id from orders.orders o where o.status = 'complete' and not exists"
     " (select 1 from payments.charges c where c.order_id = o.id and c.status = 'completed')"},
    {"I8: an order that was cancelled as expired before its time",
     "select aggregate_id from orders.ticketing_log where subject = 'order:cancelled'"
     " and json_extract(envelope, '$.data.reason') = 'expired'"
     " and json_extract(envelope, '$.time') < json_extract(envelope, '$.data.expiresAt')"},
    {"I8: a final order that changed",
     "select aggregate_id, version from orders.ticketing_log e where"
     " json_extract(envelope, '$.data.status') in ('complete', 'cancelled') and version <"
     " (select max(version) from orders.ticketing_log where aggregate_id = e.aggregate_id)"},
};

std::string of_service(std::string sql, const std::string& service) {
  for (std::size_t at = sql.find('$'); at != std::string::npos; at = sql.find('$', at)) {
    sql.replace(at, 1, service);
  }
  return sql;
}

}  // namespace

std::vector<std::string> broken_invariants(const Databases& stored) {
  std::vector<std::string> broken;
  const auto ask = [&](const std::string& what, const std::string& sql) {
    const std::string rows = lines(stored.rows(sql));
    if (!rows.empty()) broken.push_back(what + ":\n" + rows);
  };
  for (const std::string& service : kServices) {
    for (const Question& question : kOfEach) {
      const std::string sql = std::string{kLogs} + question.sql;
      ask(service + ": " + question.what_breaks, of_service(sql, service));
    }
    // How far behind a cursor is, only its owner can say: not everything is followed.
    for (const std::string& consumer : kServices) {
      ask(consumer + ": I9: past the end of the log of " + service,
          "select log_offset from " + consumer + ".ticketing_cursors where log = '" + service +
              "' and log_offset > (select coalesce(max(log_offset), 0) from " + service +
              ".ticketing_log)");
    }
  }
  for (const Question& question : kOfAll) ask(question.what_breaks, question.sql);
  return broken;
}

void expect_invariants(const Databases& stored) { EXPECT_EQ(lines(broken_invariants(stored)), ""); }

}  // namespace ticketing::test
