// SPDX-License-Identifier: Apache-2.0
// Whatever comes in, the answer is precise, nothing is half-written and the server goes on.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const net = require('node:net');
const { start, importOf, until } = require('./harness.js');

let server;
let declarant;
before(async () => {
  server = await start();
  declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
});
after(async () => {
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out);
  await server.stop();
});

const file = (body, headers = {}) => server.post('/api/v1/declarations?mode=register', declarant, body, { headers });
const stored = async () => (await server.get('/api/v1/declarations?limit=100', declarant)).json.items.length;
const valid = () => JSON.stringify(importOf());

const put = (json, value) => {
  const at = json.indexOf('"lines"');
  return `${json.slice(0, at)}${value},${json.slice(at)}`;
};

const unreadable = {
  'truncated': () => valid().slice(0, 500),
  'empty': () => '',
  'two documents': () => `${valid()}${valid()}`,
  'a trailing comma': () => valid().replace(/}$/, ',}'),
  'deeply nested': () => put(valid(), `"x":${'['.repeat(5000)}${']'.repeat(5000)}`),
  'duplicate keys': () => put(valid(), '"kind":"A12"'),
  'invalid UTF-8': () => Buffer.concat([Buffer.from('{"notes":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}')]),
  'overlong UTF-8': () => Buffer.concat([Buffer.from('{"notes":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
  'a lone surrogate': () => put(valid(), '"notes":"\\ud800x"'),
  'a NUL in a text': () => put(valid(), '"notes":"a\\u0000b"'),
  'a NUL byte': () => `${valid().slice(0, 40)}\u0000${valid().slice(40)}`,
  'a control character in a text': () => put(valid(), '"notes":"a\u0001b"'),
  'single quotes': () => "{'flow':'import'}",
  'NaN': () => put(valid(), '"packages2":NaN'),
  'a comment': () => `/* x */${valid()}`,
  'a byte order mark and nothing': () => '\ufeff',
};
for (const [name, make] of Object.entries(unreadable)) {
  test(`unreadable JSON is refused as a whole: ${name}`, async () => {
    const answer = await file(make());
    // Too deep is a limit, the rest cannot be read.
    assert.equal(answer.status, name === 'deeply nested' ? 413 : 400, answer.text);
    assert.match(answer.headers['content-type'], /problem\+json/);
    assert.ok(answer.json.trace_id);
  });
}

const wrong = {
  'a list instead of an object': ['[]', null],
  'a text instead of an object': ['"x"', null],
  'null': ['null', null],
  'a number for a text': [() => JSON.stringify(importOf({ kind: 11 })), '/kind'],
  'an object for a list': [() => JSON.stringify(importOf({ lines: {} })), '/lines'],
  'a text for a number': [() => JSON.stringify(importOf({ packages: { count: '12', unit: 'CT' } })), '/packages/count'],
  'a negative count': [() => JSON.stringify(importOf({ packages: { count: -1, unit: 'CT' } })), '/packages/count'],
  'a fraction of a package': [() => valid().replace('"count":120', '"count":1.5'), '/packages/count'],
  'a number with an exponent': [() => valid().replace('"count":120', '"count":1e3'), '/packages/count'],
  'a number too large': [() => valid().replace('"count":120', '"count":99999999999999999999999'), '/packages/count'],
  'an amount with an exponent': [() => valid().replace('"12340.500"', '"1e9"'), '/gross_weight/amount'],
  'a huge amount': [() => valid().replace('"12340.500"', `"${'9'.repeat(400)}"`), '/gross_weight/amount'],
  'a negative price': [() => valid().replace('"unit_price":"61.5"', '"unit_price":"-61.5"'), '/lines/0/unit_price'],
  'too many decimals': [() => valid().replace('"unit_price":"61.5"', '"unit_price":"61.50000001"'), '/lines/0/unit_price'],
  'a day that does not exist': [() => JSON.stringify(importOf({ arrival_date: '2026-02-30' })), '/arrival_date'],
  'an HS code of zeros': [() => valid().replace('"84818099"', '"00000000"'), '/lines/0/hs'],
  'an unknown field': [() => JSON.stringify(importOf({ flwo: 'import' })), '/flwo'],
  'a description of 201 characters': [() => JSON.stringify(importOf({ lines: [{ ...importOf().lines[0], description: 'đ'.repeat(201) }] })), '/lines/0/description'],
};
for (const [name, [body, path]] of Object.entries(wrong)) {
  test(`what is wrong is said with its place: ${name}`, async () => {
    const answer = await file(typeof body === 'function' ? body() : body);
    assert.ok([400, 422].includes(answer.status), answer.text);
    if (path) {
      assert.equal(answer.status, 422);
      assert.ok(answer.json.errors.some((error) => error.path === path && error.text.vi && error.text.en), answer.text);
    }
  });
}

test('an unknown field names the nearest known one', async () => {
  const answer = await file(JSON.stringify(importOf({ arrival_dat: '2026-11-20' })));
  const error = answer.json.errors.find((one) => one.path === '/arrival_dat');
  assert.match(error.text.en, /arrival_date/);
});

test('a body over the limit is 413, under whatever framing', async () => {
  const big = Buffer.alloc(9 << 20, 0x20);
  const sized = await file(big).catch((error) => error);
  assert.ok(sized.status === 413 || sized.code, 'answered 413 or cut');
  const small = Buffer.alloc(70 * 1024, 0x20);
  const exact = await server.post('/api/v1/declarations/1/assignment', server.key({ role: 'team_leader', office: '15BB' }), small);
  assert.equal(exact.status, 413);
  assert.equal(exact.json.code, 'LIMIT');
  const chunked = await raw([
    'POST /api/v1/declarations/1/assignment HTTP/1.1', 'Host: x', `Authorization: Bearer ${server.key({ role: 'team_leader', office: '15BB' })}`,
    'Content-Type: application/json', 'Transfer-Encoding: chunked', 'Connection: close', '', '',
  ].join('\r\n') + `11800\r\n${' '.repeat(0x11800)}\r\n0\r\n\r\n`);
  assert.match(chunked, /^HTTP\/1\.1 413 /);
});

test('other types of content are 415', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml']) {
    const answer = await file(valid(), { 'Content-Type': type });
    assert.equal(answer.status, 415, type);
  }
  assert.equal((await file(valid(), { 'Content-Encoding': 'gzip' })).status, 415);
  assert.equal((await file(valid(), { 'Content-Type': 'application/json; charset=utf-8' })).status, 201);
});

test('paths and queries that are not text are refused', async () => {
  for (const target of ['/api/v1/declarations/%ff', '/api/v1/declarations/%00', '/api/v1/declarations/%zz', '/api/v1/declarations?q=%c3%28', '/api/v1/declarations?q=%00']) {
    const answer = await server.get(target, declarant);
    assert.equal(answer.status, 400, target);
  }
});

// ------------------------------------------------------------------ raw bytes

/** Sends bytes, gives all that came back until the server closes or falls silent. */
function raw(bytes, { wait = 30000, keep = false } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, '127.0.0.1');
    let got = '';
    const timer = setTimeout(() => { socket.destroy(); resolve(got); }, wait);
    socket.on('connect', () => { socket.write(bytes); if (!keep) setTimeout(() => socket.end(), 200); });
    socket.on('data', (data) => { got += data; });
    socket.on('close', () => { clearTimeout(timer); resolve(got); });
    socket.on('error', (error) => { clearTimeout(timer); if (got) resolve(got); else reject(error); });
  });
}

test('ambiguous framing is refused and the connection closed', async () => {
  const head = (extra) => `POST /api/v1/declarations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${declarant}\r\nContent-Type: application/json\r\n${extra}\r\n`;
  const both = await raw(`${head('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n')}0\r\n\r\n`);
  assert.match(both, /^HTTP\/1\.1 400 /);
  assert.match(both, /Connection: close/i);
  assert.match(await raw(`${head('Content-Length: 2\r\nContent-Length: 3\r\n')}{}`), /^HTTP\/1\.1 400 /);
  assert.match(await raw(`${head('Content-Length: -2\r\n')}{}`), /^HTTP\/1\.1 4\d\d /);
  assert.match(await raw('GET /livez HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /, 'no Host');
  assert.match(await raw('GET /livez HTTP/1.1\r\nHost: a b/<script>\r\n\r\n'), /^HTTP\/1\.1 400 /);
  assert.match(await raw('GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'), /^HTTP\/1\.1 400 /);
});

test('nonsense instead of HTTP hurts nobody', async () => {
  for (const bytes of ['\0\0\0\0', 'x'.repeat(20000), 'GET\r\n\r\n', '\x16\x03\x01\x02\x00\x01', 'GET / HTTP/9.9\r\nHost: a\r\n\r\n']) {
    await raw(bytes, { wait: 1000 }).catch(() => undefined);
  }
  assert.equal((await server.get('/livez')).status, 200);
});

test('a head that is too long is refused', async () => {
  const line = await raw(`GET /${'a'.repeat(20000)} HTTP/1.1\r\nHost: a\r\n\r\n`).catch((error) => `reset ${error.code}`);
  assert.match(line, /^HTTP\/1\.1 (4\d\d)|^reset/);
  const head = await raw(`GET /livez HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(20000)}\r\n\r\n`).catch((error) => `reset ${error.code}`);
  assert.match(head, /^HTTP\/1\.1 (4\d\d)|^reset/);
  const usual = await raw(`GET /livez HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(3000)}\r\nConnection: close\r\n\r\n`);
  assert.match(usual, /^HTTP\/1\.1 200 /);
});

test('a body that stops half-way leaves nothing', async () => {
  const had = await stored();
  const body = valid();
  for (const part of [0, 1, 100, body.length - 1]) {
    await raw(`POST /api/v1/declarations?mode=register HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${declarant}\r\nIdempotency-Key: half-${part}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length + 10}\r\n\r\n${body.slice(0, part)}`, { wait: 500 });
  }
  assert.equal(await stored(), had);
  // The key was not used up by it.
  assert.equal((await server.post('/api/v1/declarations?mode=register', declarant, body, { idempotency: 'half-100' })).status, 201);
});

test('requests may come in one piece after the other', async () => {
  const two = await raw('GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.equal(two.match(/HTTP\/1\.1 200/g).length, 2);
});

test('what is sent byte by byte is read all the same', async () => {
  const body = valid();
  const bytes = Buffer.from(`POST /api/v1/declarations?mode=dry_run HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${declarant}\r\nIdempotency-Key: slow\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
  const got = await new Promise((resolve, reject) => {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.setNoDelay(true);
    let text = '';
    socket.on('data', (data) => { text += data; });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    socket.on('connect', async () => {
      for (let i = 0; i < bytes.length; i += 7) {
        socket.write(bytes.subarray(i, i + 7));
        if (i % 70 === 0) await new Promise((later) => setImmediate(later));
      }
    });
  });
  assert.match(got, /^HTTP\/1\.1 200 /);
});

test('a parameter that nobody knows is refused before anything happens', async () => {
  const had = await stored();
  const cases = {
    'GET /api/v1/declarations?statsu=CLEARED': ['/query/statsu', /did you mean status\?/],
    'GET /api/v1/declarations?limit=1&limit=2': ['/query/limit', /twice/],
    'GET /api/v1/debts?colour=red': ['/query/colour', /no such parameter/],
    'POST /api/v1/declarations?mod=dry_run': ['/query/mod', /did you mean mode\?/],
  };
  for (const [what, [pointer, words]] of Object.entries(cases)) {
    const [method, target] = what.split(' ');
    const answer = await server.call(method, target, { key: declarant, body: method === 'POST' ? importOf() : undefined });
    assert.equal(answer.status, 422, `${what}: ${answer.text}`);
    assert.equal(answer.json.errors[0].path, pointer, what);
    assert.match(answer.json.errors[0].text.en, words, what);
    assert.ok(answer.json.errors[0].text.vi, what);
  }
  assert.equal(await stored(), had, 'a misspelt dry run files nothing');
});

test('what is wrong with the request itself is said in both languages', async () => {
  const said = async (method, target, options) => {
    const answer = await server.call(method, target, { key: declarant, ...options });
    assert.ok(answer.json.text.vi && answer.json.text.en, answer.text);
    return { status: answer.status, en: answer.json.text.en, allow: answer.headers.allow };
  };
  const method = await said('PATCH', '/api/v1/declarations');
  assert.equal(method.status, 405);
  assert.match(method.en, /GET, POST, HEAD/);
  assert.match(method.allow, /POST/);
  const type = await said('POST', '/api/v1/declarations', { body: 'a=1', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
  assert.equal(type.status, 415);
  assert.match(type.en, /application\/json/);
  const mark = await said('POST', '/api/v1/declarations', { body: `\ufeff${valid()}` });
  assert.equal(mark.status, 400);
  assert.match(mark.en, /byte order mark/);
});

test('after all this the server is well', async () => {
  await until(async () => (await server.get('/readyz')).status === 200, 'ready');
  assert.equal((await file(valid())).status, 201);
});
