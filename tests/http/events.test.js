// SPDX-License-Identifier: Apache-2.0
// The live stream: order, replay, scope, streams that break off.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const net = require('node:net');
const { start, importOf, until } = require('./harness.js');

let server;
let declarant;
let officer;
before(async () => {
  server = await start();
  declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
  officer = server.key({ role: 'officer', office: '15BB' });
});
after(() => server.stop());

/** A reader of the stream: events gather in `seen`. */
function follow(key, target = '/api/v1/events', headers = {}) {
  const reader = { seen: [], text: '', closed: false };
  reader.request = http.get(`${server.base}${target}`, { headers: { Authorization: `Bearer ${key}`, ...headers }, agent: false }, (answer) => {
    reader.status = answer.statusCode;
    reader.type = answer.headers['content-type'];
    answer.setEncoding('utf8');
    answer.on('data', (part) => {
      reader.text += part;
      const blocks = reader.text.split('\n\n');
      reader.text = blocks.pop();
      for (const block of blocks) {
        const id = block.match(/^id: (\d+)$/m);
        const data = block.match(/^data: (.*)$/m);
        if (id && data) reader.seen.push({ id: Number(id[1]), ...JSON.parse(data[1]) });
      }
    });
    answer.on('close', () => { reader.closed = true; });
  });
  reader.request.on('error', () => { reader.closed = true; });
  reader.stop = () => reader.request.destroy();
  return reader;
}

const file = async (key = declarant, body = importOf()) => {
  const made = await server.post('/api/v1/declarations?mode=register', key, body);
  assert.equal(made.status, 201, made.text);
  return made.json.number;
};
const subjectOf = (number) => `declaration/${number.slice(0, 11)}`;

test('what happens comes at once, in order, as it is in the journal', async () => {
  const live = follow(officer);
  await until(() => live.status === 200, 'the stream opens');
  assert.match(live.type, /^text\/event-stream/);
  const numbers = [await file(), await file(), await file()];
  await until(() => numbers.every((number) => live.seen.some((event) => event.subject === subjectOf(number))), 'three events');
  const ids = live.seen.map((event) => event.id);
  assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
  assert.equal(new Set(ids).size, ids.length);
  const event = live.seen.find((one) => one.subject === subjectOf(numbers[0]));
  assert.equal(event.position, event.id);
  assert.equal(event.office, '15BB');
  assert.match(event.kind, /^declaration\./);
  assert.ok(event.actor && event.payload, 'customs people see the whole');
  live.stop();
});

test('Last-Event-ID brings exactly what was missed', async () => {
  const live = follow(officer);
  await until(() => live.status === 200, 'the stream opens');
  await file();
  await until(() => live.seen.length > 0, 'an event');
  const last = live.seen.at(-1).id;
  live.stop();
  const missed = [await file(), await file()];
  const again = follow(officer, '/api/v1/events', { 'Last-Event-ID': String(last) });
  await until(() => missed.every((number) => again.seen.some((event) => event.subject === subjectOf(number))), 'the missed ones');
  assert.ok(again.seen.every((event) => event.id > last));
  const next = await file();
  await until(() => again.seen.some((event) => event.subject === subjectOf(next)), 'and it goes on');
  again.stop();
});

test('after=0 replays the whole journal, across a restart too', async () => {
  const number = await file();
  await server.down();
  await server.up();
  const all = follow(officer, '/api/v1/events?after=0');
  await until(() => all.seen.some((event) => event.subject === subjectOf(number)), 'the event from before');
  const ids = all.seen.map((event) => event.id);
  assert.equal(new Set(ids).size, ids.length);
  const later = await file();
  await until(() => all.seen.some((event) => event.subject === subjectOf(later)), 'the event after');
  all.stop();
});

test('each sees what is in his scope, the declarant without actor and payload', async () => {
  const other = server.key({ role: 'declarant', tax_code: '9900000023' });
  const streams = { own: follow(declarant), other: follow(other), far: follow(server.key({ role: 'officer', office: '20BB' })), near: follow(officer), bank: follow(server.key({ role: 'bank', bank: 'VDB' })) };
  await until(() => Object.values(streams).every((stream) => stream.status === 200), 'all open');
  const mine = await file();
  await file(other, importOf({ importer: { tax_code: '9900000023', name: 'Bình Minh', address: 'Số 2' } }));
  const marker = await file();
  await until(() => streams.near.seen.some((event) => event.subject === subjectOf(marker)), 'the officer has all');
  await until(() => streams.own.seen.some((event) => event.subject === subjectOf(marker)), 'the declarant has his');
  const own = streams.own.seen.filter((event) => event.subject === subjectOf(mine));
  assert.ok(own.length > 0);
  for (const event of streams.own.seen) {
    assert.equal(event.actor, undefined);
    assert.equal(event.payload, undefined);
    assert.ok([subjectOf(mine), subjectOf(marker)].includes(event.subject), event.subject);
  }
  assert.ok(streams.other.seen.every((event) => event.subject !== subjectOf(mine)));
  // That his key was made may come to him: it is of his office.
  assert.equal(streams.far.seen.filter((event) => event.room === 'clearance').length, 0);
  assert.equal(streams.bank.seen.filter((event) => event.room === 'clearance').length, 0);
  for (const stream of Object.values(streams)) stream.stop();
});

test('a stream of one subject or kind holds nothing else', async () => {
  const number = await file();
  const one = follow(officer, `/api/v1/events?after=0&subject=${subjectOf(number)}`);
  const kind = follow(officer, '/api/v1/events?after=0&kind=declaration.');
  await until(() => one.seen.length > 0 && kind.seen.length > 0, 'events');
  assert.ok(one.seen.every((event) => event.subject === subjectOf(number)));
  assert.ok(kind.seen.every((event) => event.kind.startsWith('declaration.')));
  one.stop();
  kind.stop();
});

test('a position that is no number is refused, one of the future is not', async () => {
  assert.equal((await server.get('/api/v1/events?after=x', officer)).status, 422);
  const future = follow(officer, '/api/v1/events?after=999999999');
  await until(() => future.status === 200, 'opens');
  const number = await file();
  await until(() => future.seen.some((event) => event.subject === subjectOf(number)), 'live');
  future.stop();
});

test('hundreds of readers, some of whom never read, slow nobody down', async () => {
  const sleepers = [];
  for (let i = 0; i < 30; i++) {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(`GET /api/v1/events?after=0 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${officer}\r\n\r\n`);
    sleepers.push(socket);
  }
  const readers = Array.from({ length: 200 }, () => follow(officer));
  await until(() => readers.every((reader) => reader.status === 200), 'all open');
  const numbers = [];
  for (let i = 0; i < 20; i++) numbers.push(await file());
  await until(() => readers.every((reader) => numbers.every((number) => reader.seen.some((event) => event.subject === subjectOf(number)))), 'all have all');
  const metrics = (await server.get('/metrics')).text;
  assert.ok(Number(metrics.match(/^haiquan_event_streams (\d+)$/m)[1]) >= 200);
  for (const reader of readers) reader.stop();
  for (const socket of sleepers) socket.destroy();
  // A reader that is gone is found out when something is written to him; those of earlier tests who see
  // no event get their next heartbeat within 15 seconds.
  await until(async () => {
    await file();
    return Number((await server.get('/metrics')).text.match(/^haiquan_event_streams (\d+)$/m)[1]) < 20;
  }, 'all gone');
});

test('streams end when the server ends', async () => {
  const live = follow(officer);
  await until(() => live.status === 200, 'opens');
  await server.down();
  await until(() => live.closed, 'closed');
  await server.up();
});
