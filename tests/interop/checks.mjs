// Programs of other makers against a running ticketd, and against the generated documents.
//   node checks.mjs PROGRAMS REFERENCE SCHEMATHESIS FUZZ_SECONDS

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Parser } from '@asyncapi/parser';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { CloudEvent } from 'cloudevents';
import * as jose from 'jose';
import { Follower } from './follower.mjs';
import { Marketplace } from './marketplace.mjs';

const [programs, reference, schemathesis, fuzzSeconds] = process.argv.slice(2);
const DEADLINE_MS = 20_000;
const LOGS = {
  auth: ['user:created', 'user:updated'],
  tickets: ['ticket:created', 'ticket:updated'],
  orders: ['order:created', 'order:updated', 'order:cancelled'],
  payments: ['payment:created', 'payment:failed', 'payment:refunded'],
};

let failed = 0;
let passed = 0;

async function check(name, work) {
  try {
    await work();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack}`);
  }
}

const document = (name) => readFileSync(path.join(reference, name), 'utf8');
const idsOf = (events, log) => events.filter((one) => one.log === log).map(({ event }) => event.id);

/** Everything that a follower hears until `done(events, follower)`. */
async function follow(url, logs, done, Kind = Follower) {
  const events = [];
  const follower = new Kind(url, logs, (log, event) => events.push({ log, event }));
  await follower.run(() => done(events, follower), DEADLINE_MS);
  return { events, follower };
}

/** Follows all logs from their start to the end of a sale, which begins once that is caught up. */
async function followSale(market, name, Kind) {
  let order;
  let sale;
  const { events, follower } = await follow(market.bus, LOGS, (sofar, self) => {
    if (self.caughtUp() && !sale) sale = market.sale(name).then((id) => { order = id; });
    return order !== undefined && isComplete(sofar, order);
  }, Kind);
  await sale;
  return { events, follower };
}

/** Loses the first live event, and every third from there. */
class Lossy extends Follower {
  heard = 0;
  lost = 0;

  async event(...message) {
    if (++this.heard % 3 !== 1) return super.event(...message);
    this.lost += 1;
  }
}

function isComplete(events, order) {
  return events.some(({ event }) => event.type === 'order:updated' && event.data.id === order
    && event.data.status === 'complete');
}

// ---- events ----

async function followsLive(market, heard) {
  const { events, follower } = await followSale(market, 'live');
  assert.ok(events.length - follower.fetched >= 8, 'most of it must have come live');
  heard.push(...events);
}

/** In the order of offsets, each once, whatever was lost. */
async function fetchesWhatIsLost(market) {
  const { events, follower } = await followSale(market, 'lossy', Lossy);
  assert.ok(follower.lost >= 2);
  for (const log of Object.keys(LOGS)) assertDense(events, log);
}

function assertDense(events, log) {
  const offsets = events.filter((one) => one.log === log).map(({ event }) => event.offset);
  assert.ok(offsets.length > 0, log);
  assert.deepEqual(offsets, offsets.map((_, i) => i + 1), log);
}

async function catchesUp(market, heard) {
  const { events, follower } = await follow(market.bus, LOGS, (_, self) => self.caughtUp());
  assert.equal(follower.fetched, events.length);
  for (const log of Object.keys(LOGS)) {
    assert.deepEqual(idsOf(events, log), idsOf(heard, log), log);
    assertDense(events, log);
  }
}

async function catchesUpWithSome(market, heard) {
  const wanted = { orders: ['order:updated'], tickets: ['ticket:created'] };
  const { events } = await follow(market.bus, wanted, (_, self) => self.caughtUp());
  const types = ['order:updated', 'ticket:created'];
  const expected = heard.filter(({ event }) => types.includes(event.type));
  assert.ok(expected.length >= 3);
  assert.deepEqual(idsOf(events, 'orders'), idsOf(expected, 'orders'));
  assert.deepEqual(idsOf(events, 'tickets'), idsOf(expected, 'tickets'));
}

/** What `ticketctl events replay` exports. */
function exported(market) {
  const home = { HOME: market.folder };
  const text = execFileSync(path.join(programs, 'ticketctl'),
    ['events', 'replay', '--json', '--peer', market.bus], { env: home, encoding: 'utf8' });
  return text.trim().split('\n').map((line) => JSON.parse(line));
}

function parsesAsCloudEvents(market, heard) {
  const all = [...exported(market), ...heard.map(({ event }) => event)];
  assert.ok(all.length > heard.length);
  for (const event of all) {
    assert.equal(new CloudEvent(event).validate(), true);
  }
  assert.throws(() => new CloudEvent({ ...all[0], specversion: '1.0', type: '' }));
}

function fitTheirSchemas(heard) {
  const ajv = addFormats(new Ajv2020({ strict: true, formats: { decimal: true } }));
  for (const { event } of heard) {
    const valid = ajv.compile(JSON.parse(document(`events/${event.type.replace(':', '-')}.json`)));
    assert.ok(valid(event), `${event.id}: ${ajv.errorsText(valid.errors)}`);
    assert.ok(!valid({ ...event, data: {} }), 'a schema that takes anything says nothing');
  }
}

// ---- tokens ----

async function verifiesTokens(market) {
  const token = await market.user('jose@example.com');
  const keys = jose.createRemoteJWKSet(new URL(`${market.url}/.well-known/jwks.json`));
  const expected = { issuer: 'ticketing', audience: 'ticketing', algorithms: ['EdDSA'] };
  const { payload } = await jose.jwtVerify(token, keys, expected);
  assert.equal(payload.email, 'jose@example.com');
  const [head, , signature] = token.split('.');
  const other = jose.base64url.encode(JSON.stringify({ ...payload, email: 'x@example.com' }));
  await assert.rejects(jose.jwtVerify(`${head}.${other}.${signature}`, keys, expected));
}

// ---- documents ----

async function asyncApiIsValid() {
  const parser = new Parser();
  const severe = async (text) => (await parser.parse(text)).diagnostics
    .filter(({ severity }) => severity === 0).map(({ message }) => message);
  assert.deepEqual(await severe(document('asyncapi.json')), []);
  const broken = document('asyncapi.json').replace('"action": "send"', '"action": "shout"');
  assert.notDeepEqual(await severe(broken), []);
}

function openApiIsValid() {
  const lint = spawnSync('node_modules/.bin/redocly',
    ['lint', '--config', 'redocly.yaml', path.join(reference, 'openapi.json')],
    { encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off' } });
  assert.equal(lint.status, 0, lint.stdout + lint.stderr);
}

// ---- the fuzzer ----

const COUNT = 40;

/** The ids of what is there, so that the fuzzer gets past "Not Found". What it pays for, it does not
 * cancel. */
async function seed(market, fuzzer) {
  const seller = await market.user('seller-of-many@example.com');
  const many = (make) => Promise.all(Array.from({ length: COUNT }, (_, i) => make(i)));
  const order = async (i) => market.order(fuzzer, await market.ticket(seller, `Taken ${i}`));
  const free = await many((i) => market.ticket(seller, `Free ${i}`));
  const own = await many((i) => market.ticket(fuzzer, `Own ${i}`));
  return { tickets: [...free, ...own], orders: await many(order), toPay: await many(order) };
}

/** The document, with those ids beside any other text. */
function withIds(ids) {
  const openapi = JSON.parse(document('openapi.json'));
  const orAny = (known, schema) => ({ anyOf: [{ enum: known }, schema] });
  for (const [route, operations] of Object.entries(openapi.paths)) {
    for (const { parameters, requestBody } of Object.values(operations)) {
      const known = route.startsWith('/api/tickets') ? ids.tickets : ids.orders;
      parameters.filter((one) => one.in === 'path').forEach((one) => {
        one.schema = orAny(known, one.schema);
      });
      const fields = requestBody?.content['application/json'].schema.properties ?? {};
      // Of bodies that are wrong on purpose there are enough, and each unknown id is waited for.
      if (fields.ticketId) fields.ticketId = { enum: ids.tickets };
      if (fields.orderId) fields.orderId = { enum: ids.toPay };
      if (fields.token) fields.token = { enum: ['tok_visa', 'tok_chargeDeclined', 'tok_none'] };
    }
  }
  writeFileSync('openapi.json', JSON.stringify(openapi));
}

function runFuzzer(market, seconds, more) {
  const run = spawnSync(schemathesis, [
    'run', 'openapi.json', '--url', market.url, ...more,
    '--max-time', seconds, '--workers', '1',
    '--continue-on-failure', '--request-timeout', '15', '--no-color', '--warnings', 'off',
    '--checks', ['not_a_server_error', 'status_code_conformance', 'content_type_conformance',
      'response_headers_conformance', 'response_schema_conformance'].join(','),
  ], { stdio: 'inherit' });
  assert.equal(run.status, 0, 'schemathesis has found something');
}

/** A run that was only ever refused would prove little. */
const MUST_BE_REACHED = ['POST /api/users/signup 201', 'GET /api/users/currentuser 200',
  'POST /api/tickets 201', 'GET /api/tickets 200', 'GET /api/tickets/:id 200',
  'PUT /api/tickets/:id 200', 'POST /api/orders 201', 'GET /api/orders/:id 200',
  'DELETE /api/orders/:id 204', 'POST /api/payments 201', 'POST /api/users/signout 200'];

/** Signing out ends the fuzzer's own session, so it is left to nobody. */
async function fuzz(market) {
  const token = await market.user('fuzzer@example.com');
  withIds(await seed(market, token));
  const before = await market.answers();
  runFuzzer(market, fuzzSeconds, ['--exclude-operation-id', 'signOut',
    '--header', `Authorization: Bearer ${token}`]);
  runFuzzer(market, '5', ['--include-operation-id', 'signOut']);
  const answers = await market.answers();
  for (const [answer, count] of Object.entries(answers)) {
    console.log(`        ${answer}: ${count - (before[answer] ?? 0)}`);
  }
  const missed = MUST_BE_REACHED.filter((one) => (answers[one] ?? 0) <= (before[one] ?? 0));
  assert.deepEqual(missed, []);
}

const market = await Marketplace.start(programs);
try {
  const heard = [];
  await check('a program in Node follows live', () => followsLive(market, heard));
  await check('it catches up from offset 1', () => catchesUp(market, heard));
  await check('it catches up with some subjects', () => catchesUpWithSome(market, heard));
  await check('it fetches what is lost on the way', () => fetchesWhatIsLost(market));
  await check('cloudevents parses the events', () => parsesAsCloudEvents(market, heard));
  await check('the events fit their JSON Schemas', () => fitTheirSchemas(heard));
  await check('jose verifies a token by the JWKS', () => verifiesTokens(market));
  await check('@asyncapi/parser accepts asyncapi.json', asyncApiIsValid);
  await check('@redocly/cli accepts openapi.json', openApiIsValid);
  if (fuzzSeconds !== '0') {
    await check(`schemathesis, ${fuzzSeconds} seconds`, () => fuzz(market));
  }
} finally {
  await check('ticketd stops cleanly', async () => assert.equal(await market.stop(), 0));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}
