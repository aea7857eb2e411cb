// Marketplace: a ticketd on free ports of the loopback, with a data folder of its own, and what
// people do there.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const START_WITHIN_MS = 20_000;

/** The last lines that are kept for when something fails. */
const LINES_KEPT = 40;

export class Marketplace {
  static async start(programs) {
    const market = new Marketplace();
    market.folder = mkdtempSync(path.join(tmpdir(), 'ticketing-interop-'));
    market.lines = [];
    market.process = spawn(path.join(programs, 'ticketd'), [
      '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--bus-bind', 'tcp://127.0.0.1:*',
      '--data-dir', path.join(market.folder, 'data'), '--dev',
      // A declined card shall not end an order, and anyone may sign up: the fuzzer tries often.
      '--payment-attempts', '1000000', '--sign-ups-a-minute', '1000000',
    ], { stdio: ['ignore', 'inherit', 'pipe'] });
    market.ended = new Promise((resolve) => market.process.once('exit', resolve));
    const serving = await market.line('serving');
    market.url = `http://127.0.0.1:${serving.port}`;
    market.bus = serving.bus;
    market.admin = `http://127.0.0.1:${serving.admin}`;
    await market.untilReady(`${market.admin}/readyz`);
    return market;
  }

  /** The first line of its log that says `message`. */
  line(message) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no "${message}" in time`)), START_WITHIN_MS);
      this.process.once('exit', (status) => reject(new Error(`ticketd ended with ${status}`)));
      readline.createInterface({ input: this.process.stderr }).on('line', (text) => {
        this.lines = [...this.lines.slice(1 - LINES_KEPT), text];
        const line = JSON.parse(text);
        if ((line.message ?? line.msg) !== message) return;
        clearTimeout(late);
        resolve(line);
      });
    });
  }

  async untilReady(url) {
    const deadline = Date.now() + START_WITHIN_MS;
    while ((await fetch(url)).status !== 200) assert(Date.now() < deadline, 'never got ready');
  }

  async stop() {
    this.process.kill('SIGTERM');
    const status = await this.ended;
    rmSync(this.folder, { recursive: true });
    return status;
  }

  async call(method, route, { token, body, status } = {}) {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    if (body) headers['Content-Type'] = 'application/json';
    const answer = await fetch(this.url + route, { method, headers, body: JSON.stringify(body) });
    const text = await answer.text();
    assert.equal(answer.status, status, `${method} ${route}: ${text}`);
    return { answer, value: text ? JSON.parse(text) : undefined };
  }

  /** Someone new; their token. */
  async user(email) {
    const { answer } = await this.call('POST', '/api/users/signup', {
      body: { email, password: 'correct horse' }, status: 201,
    });
    return /session=([^;]+)/.exec(answer.headers.get('set-cookie'))[1];
  }

  async ticket(seller, title) {
    const { value } = await this.call('POST', '/api/tickets', {
      token: seller, body: { title, price: 19.99 }, status: 201,
    });
    return value.id;
  }

  async order(buyer, ticketId) {
    const { value } = await this.call('POST', '/api/orders', {
      token: buyer, body: { ticketId }, status: 201,
    });
    return value.id;
  }

  /** How often each route has answered each status: `{'POST /api/tickets 201': 3}`. */
  async answers() {
    const metrics = await (await fetch(`${this.admin}/metrics`)).text();
    const counts = {};
    for (const [, labels, count] of metrics.matchAll(
      /^ticketing_http_request_seconds_count\{([^}]*)\} (\d+)/gm)) {
      const { method, route, status } = Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
      counts[`${method} ${route} ${status}`] = Number(count);
    }
    return counts;
  }

  /** A ticket is listed, ordered and paid; the order's id. */
  async sale(name) {
    const seller = await this.user(`seller-${name}@example.com`);
    const buyer = await this.user(`buyer-${name}@example.com`);
    const order = await this.order(buyer, await this.ticket(seller, `Front row, ${name}`));
    await this.call('POST', '/api/payments', {
      token: buyer, body: { orderId: order, token: 'tok_visa' }, status: 201,
    });
    return order;
  }
}
