// SPDX-License-Identifier: Apache-2.0
// People sign in with a cookie; what a browser could be tricked into is refused.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { start, importOf } = require('./harness.js');

let server;
let password;
before(async () => {
  server = await start();
  password = server.user({ username: 'khaibao', role: 'declarant', tax_code: '9900000016', name: 'Người khai' });
});
after(() => server.stop());

const signIn = (body) => server.post('/api/v1/session', undefined, body, { idempotency: null });

test('a wrong password and an unknown name are told apart by nobody', async () => {
  const wrong = await signIn({ username: 'khaibao', password: 'sai-mat-khau-nay' });
  const unknown = await signIn({ username: 'khong-co', password: 'sai-mat-khau-nay' });
  assert.equal(wrong.status, 401);
  assert.equal(unknown.status, 401);
  assert.equal(wrong.json.code, unknown.json.code);
  assert.equal(wrong.json.detail, unknown.json.detail);
});

test('a session acts with its cookie and its CSRF header only', async () => {
  const answer = await signIn({ username: 'khaibao', password });
  assert.equal(answer.status, 201, answer.text);
  const [cookie] = answer.headers['set-cookie'];
  for (const part of ['__Host-', 'Secure', 'HttpOnly', 'Path=/', 'SameSite=']) assert.ok(cookie.includes(part), cookie);
  const headers = { Cookie: cookie.split(';')[0] };
  assert.equal((await server.get('/api/v1/declarations', undefined, { headers })).status, 200);
  const bare = await server.post('/api/v1/declarations', undefined, importOf(), { headers });
  assert.equal(bare.status, 403, 'without the CSRF header');
  const forged = await server.post('/api/v1/declarations', undefined, importOf(), { headers: { ...headers, 'X-CSRF-Token': '0'.repeat(64) } });
  assert.equal(forged.status, 403);
  const good = { ...headers, 'X-CSRF-Token': answer.json.csrf };
  assert.equal((await server.post('/api/v1/declarations', undefined, importOf(), { headers: good })).status, 201);
  assert.equal((await server.call('DELETE', '/api/v1/session', { headers: good })).status < 300, true);
  assert.equal((await server.get('/api/v1/declarations', undefined, { headers })).status, 401);
});

test('an idle session ends', async () => {
  const answer = await signIn({ username: 'khaibao', password });
  const headers = { Cookie: answer.headers['set-cookie'][0].split(';')[0] };
  assert.equal((await server.get('/api/v1/session', undefined, { headers })).status, 200);
  await server.advance('P2D');
  assert.equal((await server.get('/api/v1/session', undefined, { headers })).status, 401);
});

test('a key made by another process is good at once', async () => {
  const key = server.key({ role: 'officer', office: '15BB', name: 'mới' });
  assert.equal((await server.get('/api/v1/declarations', key)).status, 200);
});
