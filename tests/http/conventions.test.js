// SPDX-License-Identifier: Apache-2.0
// What holds for every route: health, problems, languages, methods, headers.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { start, importOf } = require('./harness.js');

let server;
let declarant;
before(async () => {
  server = await start();
  declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
});
after(() => server.stop());

test('health and metrics answer without sign-in', async () => {
  assert.equal((await server.get('/livez')).text, 'ok\n');
  assert.equal((await server.get('/readyz')).text, 'ready\n');
  const metrics = await server.get('/metrics');
  assert.match(metrics.headers['content-type'], /^text\/plain; version=0\.0\.4/);
  assert.match(metrics.text, /# TYPE haiquan_http_answers_total counter/);
  assert.match(metrics.text, /haiquan_http_seconds_bucket\{method="GET",route="\/livez",le="\+Inf"\} [1-9]/);
});

test('a problem has its members, in the language asked for', async () => {
  const en = await server.get('/api/v1/nowhere', declarant);
  assert.equal(en.status, 404);
  assert.match(en.headers['content-type'], /^application\/problem\+json/);
  assert.equal(en.json.status, 404);
  assert.equal(en.json.code, 'NOT_FOUND');
  assert.equal(en.json.title, 'not found');
  assert.match(en.json.trace_id, /^[0-9a-f]{32}$/);
  assert.match(en.json.type, /^urn:haiquan:problem:/);
  assert.equal(en.json.detail, en.json.text.en);
  const vi = await server.get('/api/v1/nowhere', declarant, { language: 'vi-VN,en;q=0.5' });
  assert.equal(vi.json.title, 'không tìm thấy');
  assert.equal(vi.json.detail, en.json.text.vi);
  assert.notEqual(vi.json.trace_id, en.json.trace_id);
});

test('findings come all at once with rule, path and both languages', async () => {
  const body = importOf();
  body.lines[0].hs = '00000000';
  body.kind = 'Z99';
  body.surprise = 1;
  const answer = await server.post('/api/v1/declarations?mode=dry_run', declarant, body);
  assert.equal(answer.status, 422);
  const paths = answer.json.errors.map((error) => error.path);
  for (const path of ['/lines/0/hs', '/kind', '/surprise']) assert.ok(paths.includes(path), `${path} in ${paths}`);
  for (const error of answer.json.errors) {
    assert.ok(error.rule && error.text.vi && error.text.en, JSON.stringify(error));
    assert.ok(['error', 'warning', 'info'].includes(error.severity));
  }
});

test('a method that a path lacks is named with those it has', async () => {
  const answer = await server.call('DELETE', '/api/v1/declarations', { key: declarant });
  assert.equal(answer.status, 405);
  assert.deepEqual(answer.headers.allow.split(', ').sort(), ['GET', 'HEAD', 'OPTIONS', 'POST']);
  assert.equal((await server.call('PATCH', '/api/v1/declarations', { key: declarant })).status, 405);
  const options = await server.call('OPTIONS', '/api/v1/declarations');
  assert.equal(options.status, 204);
  assert.match(options.headers.allow, /POST/);
});

test('HEAD answers as GET without a body', async () => {
  const get = await server.get('/api/openapi.yaml');
  const head = await server.call('HEAD', '/api/openapi.yaml');
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  assert.equal(head.headers['content-length'], get.headers['content-length']);
});

test('without a key 401, with a wrong one 401, wrong role 403, out of scope 404', async () => {
  const none = await server.get('/api/v1/declarations');
  assert.equal(none.status, 401);
  assert.match(none.headers['www-authenticate'], /^Bearer/);
  assert.equal((await server.get('/api/v1/declarations', 'hq_nonsense')).status, 401);
  assert.equal((await server.get('/api/v1/declarations', declarant, { headers: { Authorization: 'Basic eDp5' } })).status, 401);
  const bank = server.key({ role: 'bank', bank: 'VDB' });
  assert.equal((await server.post('/api/v1/declarations', bank, importOf())).status, 403);
  const made = await server.post('/api/v1/declarations?mode=register', declarant, importOf());
  assert.equal(made.status, 201, made.text);
  const stranger = server.key({ role: 'declarant', tax_code: '9900000023' });
  assert.equal((await server.get(`/api/v1/declarations/${made.json.number}`, stranger)).status, 404);
  const far = server.key({ role: 'officer', office: '20BB' });
  assert.equal((await server.get(`/api/v1/declarations/${made.json.number}`, far)).status, 404);
  const near = server.key({ role: 'officer', office: '15BB' });
  assert.equal((await server.get(`/api/v1/declarations/${made.json.number}`, near)).status, 200);
});

test('every kind of answer forbids sniffing, framing and inline scripts', async () => {
  for (const target of ['/', '/track', '/api/v1/nowhere', '/livez', '/api/openapi.yaml']) {
    const { headers } = await server.get(target);
    assert.equal(headers['x-content-type-options'], 'nosniff', target);
    assert.match(headers['content-security-policy'], /default-src '(none|self)'/, target);
    assert.match(headers['content-security-policy'], /frame-ancestors 'none'/, target);
    assert.doesNotMatch(headers['content-security-policy'], /unsafe/, target);
    assert.equal(headers['referrer-policy'], 'no-referrer', target);
  }
  const api = await server.get('/api/v1/reference/kinds', declarant);
  assert.equal(api.headers['cache-control'], 'no-store');
});

test('pages: index for the router of the UI, 404 for a file that is not there', async () => {
  const index = await server.get('/');
  assert.equal(index.status, 200);
  assert.match(index.headers['content-type'], /^text\/html/);
  const route = await server.get('/declarations/100000000010');
  assert.equal(route.text, index.text);
  assert.equal((await server.get('/assets/nothing.js')).status, 404);
  const again = await server.get('/', null, { headers: { 'If-None-Match': index.headers.etag } });
  assert.equal(again.status, 304);
  assert.equal(again.text, '');
  assert.equal((await server.call('POST', '/somewhere', { body: {} })).status, 405);
});

test('an ETag is answered with 304 and guards a change', async () => {
  const style = await server.get('/trang.css');
  assert.equal(style.status, 200);
  assert.equal((await server.get('/trang.css', null, { headers: { 'If-None-Match': style.headers.etag } })).status, 304);
  const made = await server.post('/api/v1/declarations', declarant, importOf());
  const record = await server.get(`/api/v1/declarations/${made.json.number}`, declarant);
  assert.ok(record.headers.etag);
  const changed = await server.call('PUT', `/api/v1/declarations/${made.json.number}`, {
    key: declarant, body: importOf({ notes: 'v2' }), headers: { 'If-Match': record.headers.etag } });
  assert.equal(changed.status, 200, changed.text);
  const late = await server.call('PUT', `/api/v1/declarations/${made.json.number}`, {
    key: declarant, body: importOf({ notes: 'v3' }), headers: { 'If-Match': record.headers.etag } });
  assert.equal(late.status, 412, late.text);
});

test('lists come in pages by cursor', async () => {
  for (let i = 0; i < 5; i++) {
    assert.equal((await server.post('/api/v1/declarations', declarant, importOf())).status, 201);
  }
  const seen = new Set();
  let cursor = '';
  let pages = 0;
  do {
    const page = await server.get(`/api/v1/declarations?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, declarant);
    assert.equal(page.status, 200, page.text);
    assert.ok(page.json.items.length <= 2);
    for (const item of page.json.items) {
      assert.ok(!seen.has(item.number), 'an item came twice');
      seen.add(item.number);
    }
    cursor = page.json.next;
  } while (cursor && ++pages < 50);
  assert.ok(seen.size >= 5);
});

test('the journal hands out checkpoint, key and proof', async () => {
  const made = await server.post('/api/v1/declarations?mode=register', declarant, importOf());
  assert.equal(made.status, 201);
  const checkpoint = await server.get('/api/v1/journal/checkpoint');
  assert.equal(checkpoint.status, 200, checkpoint.text);
  assert.match(checkpoint.json.root, /^[0-9a-f]{64}$/);
  assert.match((await server.get('/api/v1/journal/public-key')).json.public_key, /^[0-9a-f]{64}$/);
  const proof = await server.get('/api/v1/journal/proofs/1?wait=5', declarant);
  assert.equal(proof.status, 200);
  assert.equal(proof.json.position, 1);
  assert.ok(Array.isArray(proof.json.path));
  assert.equal((await server.get('/api/v1/journal/proofs/99999999', declarant)).status, 404);
  assert.equal((await server.get('/api/v1/journal/proofs/x', declarant)).status, 404);
});

test('the clock of tests moves forwards only, for the administrator only', async () => {
  const from = await server.now();
  const to = await server.advance('P1DT2H');
  assert.equal(Date.parse(to) - Date.parse(from), 26 * 3600 * 1000);
  assert.equal((await server.post('/api/v1/test/clock', server.admin, { set: from })).status, 422);
  assert.equal((await server.post('/api/v1/test/clock', server.admin, { advance: 'later' })).status, 422);
  assert.equal((await server.post('/api/v1/test/clock', declarant, { advance: 'P1D' })).status, 403);
});
