// SPDX-License-Identifier: Apache-2.0
// The commands: what they print, where, and with which exit code.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { start, run, importOf, Server } = require('./harness.js');

let server;
let file;
before(async () => {
  server = await start();
  file = (name, text) => {
    const where = path.join(server.dir, name);
    if (text !== undefined) fs.writeFileSync(where, text);
    return where;
  };
});
after(() => server.stop());

test('init prints one key and nothing else; a second time is "no"', () => {
  assert.match(server.admin, /^hq_[A-Za-z0-9_-]{20,}$/);
  const again = run(['init', '--db', server.db]);
  assert.equal(again.code, 1);
  assert.equal(again.out, '');
  assert.match(again.err, /key add/);
});

test('wrong use is 2 and names the nearest', () => {
  const flag = run(['serve', '--lisen', 'x']);
  assert.equal(flag.code, 2);
  assert.match(flag.err, /listen/);
  const command = run(['jurnal', 'verify']);
  assert.equal(command.code, 2);
  assert.match(command.err, /journal verify/);
  assert.equal(run(['serve']).code, 2);
  assert.equal(run(['key', 'add', '--db', server.db]).code, 2);
  assert.equal(run(['version', '--role', 'x']).code, 2);
  assert.equal(run(['serve', '--db', server.db, '--workers', 'many']).code, 2);
  const environment = run(['version'], { env: { ...process.env, HAIQUAN_LISTN: 'x' } });
  assert.equal(environment.code, 2);
  assert.match(environment.err, /listen/);
  assert.equal(run(['key', 'add', '--db', server.db, '--role', 'king']).code === 0, false);
});

test('a slip in --db makes no database', () => {
  const slip = `sqlite:${file('ofice.db')}`;
  for (const args of [['serve'], ['key', 'add', '--role', 'administrator'], ['journal', 'verify'], ['doctor'], ['backup', file('copy.db')], ['reference', 'load-demo']]) {
    const done = run([...args, '--db', slip]);
    assert.equal(done.code, 2, args.join(' '));
    assert.match(done.err, /ofice\.db.*haiquan init/s);
  }
  assert.equal(fs.existsSync(file('ofice.db')), false);
});

test('help is at every place where one looks for it', () => {
  for (const args of [['help'], ['--help'], ['-h'], []]) assert.match(run(args).out, /journal verify[\s\S]*Exit codes/, args.join(' '));
  for (const args of [['help', 'journal', 'verify'], ['journal', 'verify', '--help'], ['journal', 'verify', '-h']]) {
    const done = run(args);
    assert.equal(done.code, 0, args.join(' '));
    assert.match(done.out, /--public-key/);
    assert.doesNotMatch(done.out, /--workers/);
  }
  assert.match(run(['--version']).out, /^haiquan \d/);
  const group = run(['journal']);
  assert.equal(group.code, 2);
  assert.match(group.err, /journal verify[\s\S]*journal prove POSITION/);
  const surplus = run(['demo', 'now']);
  assert.equal(surplus.code, 2);
  assert.match(surplus.err, /"now"/);
  assert.equal(run(['help', 'nothing']).code, 2);
});

test('a backup restored elsewhere goes on with its key or with a new one', () => {
  const copy = file('elsewhere.backup');
  const db = `sqlite:${file('elsewhere.db')}`;
  assert.equal(run(['backup', copy, '--db', server.db]).code, 0);
  assert.match(run(['backup', copy, '--db', server.db]).err, /elsewhere\.backup: already exists/);
  const restored = run(['restore', copy, '--db', db]);
  assert.equal(restored.code, 0);
  assert.match(restored.err, /elsewhere\.db\.key.*journal new-key/);
  assert.equal(run(['doctor', '--db', db]).code, 1);
  assert.equal(run(['journal', 'new-key', '--db', db]).code, 0);
  assert.equal(run(['journal', 'new-key', '--db', db]).code, 1, 'a key that is there stays');
  assert.equal(run(['journal', 'verify', '--db', db]).code, 0);
});

test('settings come from flag, then environment, then file', () => {
  const conf = file('haiquan.conf', '# comment\nlisten = 127.0.0.1:1\nslow-threads = 7\nidle-seconds = 9\n');
  const env = { ...process.env, HAIQUAN_CONFIG: conf, HAIQUAN_SLOW_THREADS: '8', HAIQUAN_LISTEN: '127.0.0.1:2' };
  const shown = run(['config', '--listen', '127.0.0.1:3'], { env }).out;
  assert.match(shown, /^listen = 127\.0\.0\.1:3\n.*flag/m);
  assert.match(shown, /^slow-threads = 8\n.*environment/m);
  assert.match(shown, /^idle-seconds = 9\n.*file/m);
  assert.match(shown, /^body-seconds = 60\n.*default/m);
  assert.equal(run(['config', '--config', file('none.conf')]).code, 2);
  const wrong = run(['config', '--config', file('wrong.conf', 'lisen = x\n')]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /line 1/);
});

test('an import tells what changed, all rows or none, and the server uses it at once', async () => {
  const good = file('rates.csv', 'currency,valid_from,valid_to,rate,source\nUSD,2026-12-01,,26000,invented\n');
  const done = run(['reference', 'import', '--db', server.db, 'exchange_rates', good]);
  assert.equal(done.code, 0, done.err);
  assert.match(done.out, /added 1/);
  const declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
  const rates = await server.get('/api/v1/reference/exchange_rates?limit=500', declarant);
  assert.ok(rates.json.items.some((row) => row.valid_from === '2026-12-01' && row.currency === 'USD'));
  const bad = file('bad.csv', 'currency,valid_from,valid_to,rate,source\nEUR,2027-01-01,,27000,x\nJPY,2027-02-30,,x,y\n');
  const refused = run(['reference', 'import', '--db', server.db, 'exchange_rates', bad]);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /\/line\/3\/valid_from/);
  const after = await server.get('/api/v1/reference/exchange_rates?limit=500', declarant);
  assert.equal(after.json.items.some((row) => row.valid_from === '2027-01-01'), false);
  assert.equal(run(['reference', 'import', '--db', server.db, 'nonsense', good]).code === 0, false);
});

test('a receipt is computed again from its text alone', async () => {
  const declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
  const made = await server.post('/api/v1/declarations?mode=register', declarant, importOf());
  const receipt = await server.get(`/api/v1/declarations/${made.json.number}/receipt`, declarant);
  assert.equal(receipt.status, 200, receipt.text);
  const right = run(['receipt', 'verify', file('receipt.json', receipt.text)]);
  assert.equal(right.code, 0, right.err);
  const amount = made.json.assessment.taxes.find((tax) => tax.amount > 0).amount;
  const wrong = run(['receipt', 'verify', file('wrong.json', receipt.text.replaceAll(String(amount), String(amount + 1)))]);
  assert.equal(wrong.code, 1, wrong.out);
});

test('backup, verification with the public key alone, restore', async () => {
  const copy = file('copy.db');
  const key = file('key.pub', (await server.get('/api/v1/journal/public-key')).text);
  assert.equal(run(['backup', '--db', server.db, copy]).code, 0);
  const verified = run(['journal', 'verify', '--db', `sqlite:${copy}`, '--public-key', key]);
  assert.equal(verified.code, 0, verified.out + verified.err);
  assert.match(verified.out, /^intact: /);
  const other = run(['journal', 'verify', '--db', `sqlite:${copy}`, '--public-key', file('other.pub', 'ab'.repeat(32))]);
  assert.equal(other.code, 1, other.out);
  const checkpoint = run(['journal', 'checkpoint', '--db', server.db]);
  assert.equal(checkpoint.code, 0);
  const since = file('old.checkpoint', checkpoint.out);
  assert.equal(run(['journal', 'verify', '--db', server.db, '--since', since]).code, 0);
  assert.equal(JSON.parse(run(['journal', 'prove', '--db', server.db, '1']).out).position, 1);
  assert.equal(run(['journal', 'prove', '--db', server.db, '99999999']).code, 1);
  const restored = `sqlite:${file('restored.db')}`;
  const restoring = run(['restore', '--db', restored, copy]);
  assert.equal(restoring.code, 0, restoring.err);
  assert.equal(run(['journal', 'verify', '--db', restored]).code, 0);
});

test('an altered record is found', async () => {
  const copy = file('altered.db');
  assert.equal(run(['backup', '--db', server.db, copy]).code, 0);
  const bytes = fs.readFileSync(copy);
  const at = bytes.indexOf('declaration.registered');
  assert.ok(at > 0);
  bytes.write('declaration.rEgistered', at);
  fs.writeFileSync(copy, bytes);
  const verified = run(['journal', 'verify', '--db', `sqlite:${copy}`]);
  assert.notEqual(verified.code, 0, verified.out);
});

test('doctor and rebuild', () => {
  const doctor = server.doctor();
  assert.equal(doctor.code, 0, doctor.out);
  assert.match(doctor.out, /^ok /m);
});

test('the clock of tests is for test databases only, and goes on where it stood', async () => {
  const plain = new Server({ test: false, demo: false });
  const refused = run(['serve', '--db', plain.db, '--listen', '127.0.0.1:0', '--test-clock']);
  assert.equal(refused.code, 2, refused.err);
  assert.match(refused.err, /init --test/);
  await plain.up();
  assert.equal((await plain.post('/api/v1/test/clock', plain.admin, { advance: 'P1D' })).status, 404);
  await plain.stop();
  const moved = Date.parse(await server.advance('P30D'));
  await server.down();
  await server.up();
  assert.ok(Date.parse(await server.now()) >= moved);
});

test('a taken port and a bad address are told', () => {
  const taken = run(['serve', '--db', server.db, '--listen', `127.0.0.1:${server.port}`]);
  assert.notEqual(taken.code, 0);
  assert.match(taken.err, /listen/);
  assert.equal(run(['serve', '--db', server.db, '--listen', 'nonsense']).code, 2);
});
