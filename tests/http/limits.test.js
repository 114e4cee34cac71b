// SPDX-License-Identifier: Apache-2.0
// What one sender, one address and one slow connection may take.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const { start, importOf, until } = require('./harness.js');

const residentKb = (server) => Number(fs.readFileSync(`/proc/${server.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);

/** Connections that have each sent `bytes` and are open. */
async function open(server, count, bytes) {
  const sockets = [];
  for (let done = 0; done < count;) {
    const part = Math.min(500, count - done);
    await Promise.all(Array.from({ length: part }, () => new Promise((resolve, reject) => {
      const socket = net.connect(server.port, '127.0.0.1', () => { socket.write(bytes, resolve); });
      socket.on('error', reject);
      socket.gone = new Promise((over) => socket.on('close', over));
      socket.resume();
      sockets.push(socket);
    })));
    done += part;
  }
  for (const socket of sockets) socket.on('error', () => undefined);
  return sockets;
}

test('10,000 slow connections: the others are served, and each costs less than 8 kB', async (t) => {
  const files = Number(fs.readFileSync('/proc/self/limits', 'utf8').match(/Max open files\s+(\d+)/)[1]);
  const count = Math.min(10000, files - 1000);
  const server = await start();
  const declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
  for (let i = 0; i < 50; i++) assert.equal((await server.post('/api/v1/declarations?mode=register', declarant, importOf())).status, 201);
  const before = residentKb(server);
  const slow = await open(server, count, 'POST /api/v1/declarations HTTP/1.1\r\nHost: a\r\nX-Slow: ');
  await until(async () => Number((await server.get('/metrics')).text.match(/^haiquan_http_connections (\d+)$/m)[1]) >= count, 'all accepted');
  const each = (residentKb(server) - before) * 1024 / count;
  t.diagnostic(`${count} connections, ${Math.round(each)} bytes each`);
  assert.ok(each < 8192, `${each} bytes for each connection`);
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => {
    if (i % 10 === 0) for (const socket of slow.slice(i * 10, i * 10 + 100)) socket.write('a');
    return server.post('/api/v1/declarations?mode=register', declarant, importOf());
  }));
  for (const answer of answers) assert.equal(answer.status, 201);
  for (const socket of slow) socket.destroy();
  await until(async () => Number((await server.get('/metrics')).text.match(/^haiquan_http_connections (\d+)$/m)[1]) < 200, 'all gone');
  await server.stop();
});

test('a head or a body that never ends is cut, however busy it looks', async () => {
  const server = await start({ demo: false, flags: ['--idle-seconds', '2', '--body-seconds', '2'] });
  const declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
  const [head] = await open(server, 1, 'GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ');
  const [body] = await open(server, 1, `POST /api/v1/declarations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${declarant}\r\n` +
    'Idempotency-Key: slow\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n');
  const drip = setInterval(() => { head.write('a'); body.write(' '); }, 200);
  await Promise.all([head.gone, body.gone]);
  clearInterval(drip);
  // A stream of events is not a request that takes long.
  const officer = server.key({ role: 'officer', office: '15BB' });
  const stream = await new Promise((resolve) => http.get(`${server.base}/api/v1/events`, { headers: { Authorization: `Bearer ${officer}` }, agent: false }, resolve));
  let closed = false;
  stream.on('close', () => { closed = true; });
  stream.resume();
  await new Promise((later) => setTimeout(later, 6000));
  assert.equal(closed, false);
  stream.destroy();
  await server.stop();
});

test('too many requests of one address on public pages: 429 with Retry-After, others unharmed', async () => {
  const server = await start({ demo: false, flags: ['--rate-public', '1'] });
  const declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
  const began = Date.now();
  const answers = await Promise.all(Array.from({ length: 60 }, () => server.get('/track')));
  const seconds = (Date.now() - began) / 1000;
  const refused = answers.filter((answer) => answer.status === 429);
  // One a second and two ahead, however long the sixty took.
  assert.ok(60 - refused.length <= 4 + seconds, `${60 - refused.length} of 60 in ${seconds} s`);
  assert.ok(refused.length > 0, `none of 60 in ${seconds} s`);
  assert.ok(answers.some((answer) => answer.status === 200));
  assert.ok(Number(refused[0].headers['retry-after']) >= 1);
  assert.match(refused[0].headers['content-type'], /^text\/html/);
  assert.equal((await server.get('/api/v1/reference/kinds', declarant)).status, 200);
  await server.stop();
});

test('large bodies that are coming in share one sum of memory; small ones pass', async () => {
  const server = await start({ flags: ['--body-memory', '32'] });
  const declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
  const part = Buffer.alloc(8 << 20, 'a');
  const before = residentKb(server);
  const head = (i, length) => `POST /api/v1/attachments?name=a.pdf HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${declarant}\r\n` +
    `Idempotency-Key: large-${i}\r\nContent-Type: application/pdf\r\n${length}\r\n\r\n`;
  const sockets = [];
  let refused = 0;
  for (let i = 0; i < 24; i++) {
    const chunked = i % 2 === 1;
    const [socket] = await open(server, 1, head(i, chunked ? 'Transfer-Encoding: chunked' : 'Content-Length: 10000000'));
    socket.gone.then(() => { refused++; });
    socket.write(chunked ? Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part]) : part);
    sockets.push(socket);
  }
  await until(() => refused >= 12, 'those for whom there is no room are refused');
  assert.ok(residentKb(server) - before < 120 << 10, `${residentKb(server) - before} kB`);
  assert.equal((await server.post('/api/v1/declarations?mode=register', declarant, importOf())).status, 201);
  for (const socket of sockets) socket.destroy();
  const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(1 << 20, ' '), Buffer.from('\n%%EOF\n')]);
  await until(async () => (await server.post('/api/v1/attachments?name=a.pdf', declarant, pdf,
    { headers: { 'Content-Type': 'application/pdf' } })).status === 201, 'room again');
  await server.stop();
});

test('each caller has his own rate', async () => {
  const server = await start({ flags: ['--rate-formal', '10'] });
  const one = server.key({ role: 'declarant', tax_code: '9900000016' });
  const other = server.key({ role: 'declarant', tax_code: '9900000023' });
  const answers = await Promise.all(Array.from({ length: 80 }, () => server.get('/api/v1/reference/kinds', one)));
  assert.ok(answers.filter((answer) => answer.status === 429).length >= 40);
  assert.equal(answers.find((answer) => answer.status === 429).json.code, 'RATE');
  assert.equal((await server.get('/api/v1/reference/kinds', other)).status, 200);
  await server.stop();
});

test('an address may be held to a number of connections', async () => {
  const server = await start({ demo: false, flags: ['--per-address', '20'] });
  const sockets = await open(server, 60, 'GET /livez HTTP/1.1\r\nHost: a\r\nX: ');
  let gone = 0;
  for (const socket of sockets) socket.gone.then(() => { gone++; });
  await until(() => gone >= 40, 'the rest is turned away');
  for (const socket of sockets) socket.destroy();
  await until(async () => server.get('/livez').then((answer) => answer.status === 200, () => false), 'room again');
  await server.stop();
});

test('more blocking requests than threads wait, more than the queue are refused, none is lost', async () => {
  const server = await start({ flags: ['--slow-threads', '1'] });
  const officer = server.key({ role: 'officer', office: '15BB' });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 700 });
  const answers = await Promise.all(Array.from({ length: 700 }, () => server.get('/api/v1/declarations', officer, { agent })));
  agent.destroy();
  const statuses = new Set(answers.map((answer) => answer.status));
  assert.ok([...statuses].every((status) => status === 200 || status === 503), [...statuses].join());
  for (const answer of answers.filter((one) => one.status === 503)) {
    assert.equal(answer.json.code, 'BUSY');
    assert.ok(answer.headers['retry-after']);
  }
  assert.equal((await server.get('/api/v1/declarations', officer)).status, 200);
  await server.stop();
});
