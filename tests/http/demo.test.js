// SPDX-License-Identifier: Apache-2.0
// The demo stands up by itself, lets everybody in with one click, and is alive.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Server, binary, place, run, until } = require('./harness.js');

/** A demo in a folder of its own, with the calls of the harness. */
async function demo(dir) {
  const child = spawn(binary, ['demo', '--db', `sqlite:${dir}/demo.db`, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (part) => { said += part; });
  const server = Object.assign(Object.create(Server.prototype), { child, db: `sqlite:${dir}/demo.db` });
  server.base = (await until(() => said.match(/http:\/\/127\.0\.0\.1:\d+/), 'the demo listens'))[0];
  server.said = said;
  server.end = () => new Promise((resolve) => { child.on('exit', resolve); child.kill('SIGTERM'); });
  return server;
}

test('personas sign in with one click; the office is full of work in every state', async () => {
  const dir = place();
  const server = await demo(dir);
  try {
    const personas = (await server.get('/api/v1/demo/personas')).json.items;
    assert.ok(personas.length >= 8);
    for (const role of ['declarant', 'officer', 'team_leader', 'branch_head', 'supervisor', 'bank', 'administrator']) {
      assert.ok(personas.some((persona) => persona.role === role), role);
    }
    assert.ok(server.said.includes(personas[0].password), 'the password is printed');
    const cookies = {};
    for (const persona of personas) {
      const answer = await server.call('POST', '/api/v1/demo/sign-in', { body: { persona: persona.id }, idempotency: null });
      assert.equal(answer.status, 201, answer.text);
      assert.equal(answer.json.role, persona.role);
      cookies[persona.id] = answer.headers['set-cookie'][0].split(';')[0];
    }
    const list = async () => (await server.get('/api/v1/declarations?limit=200', undefined, { headers: { Cookie: cookies.lanhdao } })).json.items;
    const items = await until(async () => { const all = await list(); return all.length >= 24 && all; }, 'declarations');
    const statuses = new Set(items.map((item) => item.status));
    for (const status of ['PREREGISTERED', 'AWAITING_TAX', 'CLEARED', 'DOCUMENT_CHECK']) assert.ok(statuses.has(status), `${status} in ${[...statuses]}`);
    const accounts = (await server.get('/api/v1/balances', undefined, { headers: { Cookie: cookies.anbinh } })).json.items;
    assert.deepEqual(accounts.map((one) => one.kind).sort(), ['EXEMPTION_LIST', 'PROCESSING', 'TEMPORARY']);
    assert.ok(accounts.every((one) => one.state === 'REGISTERED' && !one.settled));
    assert.equal((await server.call('POST', '/api/v1/demo/sign-in', { body: { persona: 'nobody' }, idempotency: null })).status, 404);
    assert.equal(await server.end(), 0);
    const doctor = run(['doctor', '--db', server.db]);
    assert.equal(doctor.code, 0, doctor.out);
  } finally {
    server.child.kill('SIGKILL');
    fs.rmSync(dir, { recursive: true, force: true });
  }
});

test('an ordinary server has no demo routes, and serves by TLS when given a certificate', async (t) => {
  const server = new Server({ demo: false });
  const files = ['cert.pem', 'key.pem'].map((name) => path.join(server.dir, name));
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-out', files[0], '-keyout', files[1]]);
  if (made.status !== 0) return t.skip('no openssl here');
  server.options.flags = ['--certificate', files[0], '--certificate-key', files[1]];
  await server.up();
  assert.match(server.base, /^https:/);
  const got = await new Promise((resolve, reject) => {
    require('node:https').get(`${server.base}/api/v1/demo/personas`, { rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    }).on('error', reject);
  });
  assert.equal(got, 404);
  await server.stop();
});

test('SIGHUP reads the settings again and the server goes on', async () => {
  const server = new Server({ demo: false });
  const conf = path.join(server.dir, 'haiquan.conf');
  fs.writeFileSync(conf, 'log-level = note\n');
  server.options.flags = ['--config', conf];
  await server.up();
  fs.writeFileSync(conf, 'log-level = warning\n');
  server.child.kill('SIGHUP');
  await new Promise((later) => setTimeout(later, 300));
  assert.equal((await server.get('/livez')).status, 200);
  fs.writeFileSync(conf, 'log-levle = note\n');
  server.child.kill('SIGHUP');
  await until(() => server.log.includes('settings_not_read'), 'it says what is wrong');
  assert.match(server.log, /log-level/);
  await server.stop();
});
