// SPDX-License-Identifier: Apache-2.0
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { start, importOf, must } = require('./harness.js');

let server;
let declarant;
before(async () => {
  server = await start();
  declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
});
after(() => server.stop());

const count = async () => {
  let items = 0;
  let cursor = '';
  do {
    const page = (await server.get(`/api/v1/declarations?limit=100${cursor && `&cursor=${cursor}`}`, declarant)).json;
    items += page.items.length;
    cursor = page.next ? encodeURIComponent(page.next) : '';
  } while (cursor);
  return items;
};

test('a key is required where something is created', async () => {
  const answer = await server.post('/api/v1/declarations', declarant, importOf(), { idempotency: null });
  assert.equal(answer.status, 400);
  assert.equal(answer.json.code, 'KEY_MISSING');
  assert.equal((await server.post('/api/v1/declarations', declarant, importOf(), { idempotency: 'x'.repeat(129) })).status, 400);
});

test('a dry run creates nothing and needs no key', async () => {
  const before = await count();
  const answer = await server.post('/api/v1/declarations?mode=dry_run', declarant, importOf(), { idempotency: null });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.number, undefined);
  assert.equal(await count(), before);
});

test('the same key and body give the first answer, and one declaration', async () => {
  const body = JSON.stringify(importOf());
  const before = await count();
  const answers = await Promise.all(Array.from({ length: 12 }, () =>
    server.post('/api/v1/declarations?mode=register', declarant, body, { idempotency: 'same' })));
  for (const answer of answers) {
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.json.number, answers[0].json.number);
  }
  const later = await server.post('/api/v1/declarations?mode=register', declarant, body, { idempotency: 'same' });
  assert.equal(later.status, 201);
  assert.equal(later.text, answers[0].text);
  assert.equal(await count(), before + 1);
});

test('the same key with another body, path or query is refused', async () => {
  const body = importOf();
  assert.equal((await server.post('/api/v1/declarations', declarant, body, { idempotency: 'other' })).status, 201);
  const changed = await server.post('/api/v1/declarations', declarant, { ...body, notes: 'x' }, { idempotency: 'other' });
  assert.equal(changed.status, 422);
  assert.equal(changed.json.code, 'KEY_REUSED');
  assert.equal((await server.post('/api/v1/declarations?mode=register', declarant, body, { idempotency: 'other' })).status, 422);
});

test('keys belong to the caller', async () => {
  const agent = server.key({ role: 'declarant', tax_code: '9900000270' });
  const body = importOf({ agent: { tax_code: '9900000270' } });
  const first = await server.post('/api/v1/declarations', declarant, importOf(), { idempotency: 'mine' });
  const second = await server.post('/api/v1/declarations', agent, body, { idempotency: 'mine' });
  assert.equal(first.status, 201, first.text);
  assert.equal(second.status, 201, second.text);
  assert.notEqual(first.json.number, second.json.number);
});

test('a refused request leaves its key free', async () => {
  const bad = importOf({ kind: 'Z99' });
  assert.equal((await server.post('/api/v1/declarations', declarant, bad, { idempotency: 'again' })).status, 422);
  assert.equal((await server.post('/api/v1/declarations', declarant, importOf(), { idempotency: 'again' })).status, 201);
});

test('the first answer stands when the tables would refuse the same request today', async () => {
  const trader = server.key({ role: 'declarant', tax_code: '9900000023' });
  const body = JSON.stringify(importOf({ importer: { tax_code: '9900000023', name: 'Công ty Ví dụ', address: 'Số 2' } }));
  const file = path.join(server.dir, 'suspended.csv');
  const first = await server.post('/api/v1/declarations?mode=register', trader, body, { idempotency: 'suspended' });
  assert.equal(first.status, 201, first.text);
  fs.writeFileSync(file, 'tax_code,name,status,founded,compliance,tax_debt_days,address\n9900000023,Công ty Ví dụ,SUSPENDED,2015-01-01,3,0,\n');
  must(['reference', 'import', '--db', server.db, 'enterprises', file]);
  const fresh = await server.post('/api/v1/declarations?mode=register', trader, body, { idempotency: 'another' });
  assert.equal(fresh.status, 422);
  assert.equal(fresh.json.errors[0].rule, 'E8003');
  const again = await server.post('/api/v1/declarations?mode=register', trader, body, { idempotency: 'suspended' });
  assert.equal(again.status, 201, again.text);
  assert.equal(again.text, first.text);
  assert.equal(again.headers.location, first.headers.location);
});

test('a payment repeated word for word posts once', async () => {
  const bank = server.key({ role: 'bank', bank: 'VDB' });
  const made = await server.post('/api/v1/declarations?mode=register', declarant, importOf());
  const { number } = made.json;
  const lines = made.json.assessment.taxes.filter((tax) => tax.amount > 0)
    .map((tax) => ({ declaration: number, tax: tax.tax, amount: tax.amount }));
  const payment = { bank: 'VDB', reference: 'P-1', debited_at: await server.now(), payer_tax_code: '9900000016', lines };
  const first = await server.post('/api/v1/payments', bank, payment);
  assert.ok([200, 201].includes(first.status), first.text);
  const again = await server.post('/api/v1/payments', bank, payment); // another key, the same words
  assert.equal(again.status, 200, again.text);
  const other = await server.post('/api/v1/payments', bank, { ...payment, lines: [{ ...lines[0], amount: 1 }] });
  assert.equal(other.status, 409, other.text);
  assert.equal((await server.get(`/api/v1/declarations/${number}`, declarant)).json.status, 'CLEARED');
});

test('what was remembered outlives the server', async () => {
  const body = JSON.stringify(importOf());
  const first = await server.post('/api/v1/declarations?mode=register', declarant, body, { idempotency: 'outlives' });
  assert.equal(first.status, 201);
  await server.down();
  await server.up();
  const again = await server.post('/api/v1/declarations?mode=register', declarant, body, { idempotency: 'outlives' });
  assert.equal(again.text, first.text);
});
