// Follower: a publisher's events, live and from the log, without loss. Written from
// docs/reference/wire.md alone; the names of its rules and steps are that page's.

import { randomBytes } from 'node:crypto';
import zmq from 'zeromq';

const VERSION = 'v1';
const TO_THE_END = '9223372036854775807';
const COUNT_MAX = '1000';
const HELLO_WITHIN_MS = 1_000;
const QUIET_FOR_MS = 3_000;

/** `v1 <log> <log id> <offset> <fetch endpoint> *=<floor> <subject>=<last> …` */
function readPosition(frame) {
  const [version, log, logId, offset, fetch, ...lasts] = frame.toString().split(' ');
  if (version !== VERSION) throw new Error(`cannot read ${frame}`);
  const last = new Map(lasts.map((word) => {
    const equals = word.lastIndexOf('=');
    return [word.slice(0, equals), BigInt(word.slice(equals + 1))];
  }));
  return { log, logId, offset: BigInt(offset), fetch, floor: last.get('*'), last };
}

/** Where the newest event of `subjects` is, before the message that says this. */
function before(position, subjects) {
  const listed = subjects.filter((subject) => position.last.has(subject));
  const offsets = listed.map((subject) => position.last.get(subject));
  if (listed.length < subjects.length) offsets.push(position.floor);
  return offsets.reduce((most, offset) => (offset > most ? offset : most), 0n);
}

export class Follower {
  /**
   * `logs`: for each log, the subjects that are wanted of it. `onEvent(log, event)` is called for
   * each event once, in its log's order. Starts from offset 1.
   */
  constructor(endpoint, logs, onEvent) {
    this.endpoint = endpoint;
    this.onEvent = onEvent;
    this.logs = new Map(Object.entries(logs).map(([name, subjects]) => [
      name, { name, subjects, id: null, position: 0n, caughtUp: false },
    ]));
    this.fetched = 0;
    this.questions = 0;
    this.joined = false;
    this.dealers = new Map();
  }

  /** Follows until `done()`; throws at the deadline. */
  async run(done, deadlineMs) {
    const deadline = Date.now() + deadlineMs;
    this.live = new zmq.Subscriber({ linger: 0 });
    this.live.connect(this.endpoint);
    this.join();
    try {
      while (!done()) {
        if (Date.now() > deadline) throw new Error('what was awaited did not come');
        await this.step();
      }
    } finally {
      this.live.close();
      for (const dealer of this.dealers.values()) dealer.close();
    }
  }

  caughtUp() {
    return [...this.logs.values()].every((log) => log.caughtUp);
  }

  /** Subscribes to a fresh nonce, last of all. */
  join() {
    if (this.nonce) {
      this.live.unsubscribe(this.nonce);
    } else {
      for (const log of this.logs.values()) log.subjects.forEach((one) => this.live.subscribe(one));
      this.live.subscribe('~beat');
    }
    this.joined = false;
    this.nonce = `~join/${randomBytes(8).toString('hex')}`;
    this.live.subscribe(this.nonce);
    this.live.receiveTimeout = HELLO_WITHIN_MS;
  }

  async step() {
    let frames;
    try {
      frames = await this.live.receive();
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      return this.join();
    }
    const topic = frames[0].toString();
    if (topic === this.nonce) {
      this.joined = true;
      this.live.receiveTimeout = QUIET_FOR_MS;
    }
    if (!this.joined) return;
    if (topic.startsWith('~')) {
      for (const frame of frames.slice(1)) await this.head(readPosition(frame));
    } else {
      await this.event(topic, readPosition(frames[1]), frames[2]);
    }
  }

  /** Rule 2. */
  logOf(position) {
    const log = this.logs.get(position.log);
    if (log && log.id === null) log.id = position.logId;
    if (log && log.id !== position.logId) throw new Error(`the log ${log.name} was replaced`);
    return log;
  }

  /** Rule 3. */
  async head(position) {
    const log = this.logOf(position);
    if (!log) return;
    if (before(position, log.subjects) > log.position) await this.fetch(log, position.fetch);
    if (position.offset > log.position) log.position = position.offset;
    log.caughtUp = true;
  }

  /** Rules 4 to 6. While something is fetched, ZeroMQ holds what comes. */
  async event(subject, position, json) {
    const log = this.logOf(position);
    if (!log || !log.subjects.includes(subject)) return;
    if (before(position, log.subjects) > log.position) await this.fetch(log, position.fetch);
    if (position.offset > log.position) this.take(log, position.offset, json);
  }

  take(log, offset, json) {
    const event = JSON.parse(json.toString());
    if (BigInt(event.offset) !== offset) throw new Error(`${event.id} is not at ${offset}`);
    log.position = offset;
    this.onEvent(log.name, event);
  }

  async fetch(log, endpoint) {
    for (;;) {
      const after = log.position;
      const answer = await this.ask(log, endpoint, after);
      if (answer.head < after) throw new Error(`the log ${log.name} was restored`);
      answer.offsets.forEach((offset, i) => this.take(log, offset, answer.frames[i]));
      this.fetched += answer.offsets.length;
      log.position = answer.coveredTo;
      if (answer.coveredTo >= answer.head) return;
    }
  }

  async ask(log, endpoint, after) {
    const dealer = this.dealer(endpoint);
    const number = String(++this.questions);
    await dealer.send([VERSION, 'fetch', number, log.name, log.id ?? '-', after, TO_THE_END,
      COUNT_MAX, ...log.subjects].join(' '));
    const [first, ...frames] = await dealer.receive();
    const words = first.toString().split(' ');
    if (words[1] !== 'events' || words[2] !== number) throw new Error(`refused: ${first}`);
    const [name, id, coveredTo, head, ...offsets] = words.slice(3);
    if (name !== log.name || id !== log.id) throw new Error(`the log ${log.name} was replaced`);
    return { coveredTo: BigInt(coveredTo), head: BigInt(head), offsets: offsets.map(BigInt), frames };
  }

  /** `*` stands for the host that the live socket was reached at. */
  dealer(endpoint) {
    const address = endpoint.replace('*', new URL(this.endpoint).hostname);
    if (!this.dealers.has(address)) {
      const dealer = new zmq.Dealer({ linger: 0, receiveTimeout: 5_000 });
      dealer.connect(address);
      this.dealers.set(address, dealer);
    }
    return this.dealers.get(address);
  }
}
