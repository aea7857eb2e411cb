-- The statements of one order, from the request until everybody has heard of it, each transaction
-- as the service runs it, for pgbench: with `-D whole=0` the request alone. A colon begins a
-- variable, so subjects have none here.
-- Places and offsets come from sequences here, without a turn to wait for: pgbench has it easier.
\set n random(1, :tickets)
\set m random(1, 2000000000)
BEGIN;
SELECT data FROM orders.ticketing_replicas WHERE kind = 'ticket' AND id = 't' || :n;
SELECT id, version, status FROM orders.orders WHERE ticket_id = 'x' || :m AND status <> 'cancelled';
INSERT INTO orders.orders (id, seq, version, status, user_id, expires_at, ticket_id, ticket_title, ticket_price_cents, ticket_version)
  VALUES (gen_random_uuid(), nextval('places'), 0, 'created', 'buyer', 1, gen_random_uuid(), 'A seat in the third row', 1999, 0);
INSERT INTO orders.ticketing_log (log_offset, subject, aggregate_id, version, envelope)
  VALUES (nextval('orders_log'), 'order_created', gen_random_uuid(), 0, repeat('e', 700));
COMMIT;
\if :whole
BEGIN;
SELECT log_id, log_offset FROM tickets.ticketing_cursors WHERE log = 'orders';
SELECT id, version, title, price_cents, user_id, order_id FROM tickets.tickets WHERE id = 't' || :n;
UPDATE tickets.tickets SET version = version + 1, order_id = 'o' || :m WHERE id = 't' || :n;
INSERT INTO tickets.ticketing_log (log_offset, subject, aggregate_id, version, envelope)
  VALUES (nextval('tickets_log'), 'ticket_updated', 't' || :n, 1, repeat('e', 600));
COMMIT;
BEGIN;
UPDATE orders.ticketing_replicas SET version = version + 1, log_offset = :m, data = repeat('t', 200) WHERE kind = 'ticket' AND id = 't' || :n;
SELECT id, version, status FROM orders.orders WHERE ticket_id = 'x' || :m AND status <> 'cancelled';
INSERT INTO orders.ticketing_log (log_offset, subject, aggregate_id, version, envelope)
  VALUES (nextval('orders_log'), 'order_updated', gen_random_uuid(), 1, repeat('e', 700));
COMMIT;
BEGIN;
INSERT INTO expiration.ticketing_timers (kind, id, due, attempts, correlation_id) VALUES ('expire', gen_random_uuid(), 1, 0, 'c');
COMMIT;
BEGIN;
INSERT INTO payments.ticketing_replicas (kind, id, version, log_offset, data) VALUES ('order', gen_random_uuid(), 0, 1, repeat('o', 250));
COMMIT;
BEGIN;
UPDATE payments.ticketing_replicas SET version = version + 1 WHERE kind = 'order' AND id = 'o' || :n;
COMMIT;
\endif
