// SPDX-License-Identifier: Apache-2.0
// Accounts of goods over HTTP: lists and contracts, drawn down by declarations, many at once.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { start, importOf, until } = require('./harness.js');
const { listOf, contractOf } = require('./openapi_balances.js');

const B = '/api/v1/balances';
const D = '/api/v1/declarations';
let server;
let trader;
let officer;
before(async () => {
  server = await start();
  trader = server.key({ role: 'declarant', tax_code: '9900000016' });
  officer = server.key({ role: 'officer', office: '15BB' });
});
after(async () => {
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out);
  await server.stop();
});

const call = (method, target, key, body, more) => server.call(method, target, { key, body, ...more });
const lineOf = (list, amount) => {
  const [line] = importOf().lines;
  return { ...line, quantity: { amount, unit: 'PCE' }, unit_price: '1', invoice_value: amount, list: { number: list, line: 1 } };
};
const drawing = (list, amount) => importOf({ kind: 'A12', invoice: { ...importOf().invoice, total: amount }, lines: [lineOf(list, amount)] });

async function registered(quantity) {
  const lines = [{ hs: '8481', description: 'Van', quantity: { amount: quantity, unit: 'PCE' } }];
  const made = await call('POST', B, trader, listOf({ lines }));
  assert.equal(made.status, 201, made.text);
  const approved = await call('POST', `${B}/${made.json.id}/approval`, officer, {});
  assert.equal(approved.json.state, 'REGISTERED', approved.text);
  return made.json;
}

test('the same registration twice is one', async () => {
  const body = contractOf({ number: 'HD-IDEM' });
  const options = { idempotency: 'balances-1' };
  const first = await call('POST', B, trader, body, options);
  const again = await call('POST', B, trader, body, options);
  assert.equal(first.status, 201, first.text);
  assert.equal(again.text, first.text);
  const other = await call('POST', B, trader, contractOf({ number: 'HD-IDEM-2' }), options);
  assert.equal(other.status, 422);
  assert.equal(other.json.code, 'KEY_REUSED');
});

test('a refusal names the line, the value and what is left', async () => {
  const list = await registered('5');
  const { status, json } = await call('POST', `${D}?mode=dry_run`, trader, drawing(list.number, '6'));
  assert.equal(status, 422);
  assert.equal(json.errors.length, 1);
  const [found] = json.errors;
  assert.equal(found.rule, 'E8206');
  assert.equal(found.path, '/lines/0/list');
  assert.equal(found.value, '6.00');
  assert.match(found.text.en, /has 5\.00 PCE left/);
  assert.match(found.text.vi, /chỉ còn 5\.00 PCE/);
  const held = await call('GET', `${B}/${list.id}`, trader);
  assert.equal(held.json.lines[0].drawn, '0.00');
});

test('forty at once draw what there is and not a piece more', async () => {
  const list = await registered('70');
  const answers = await Promise.all(Array.from({ length: 40 }, () => call('POST', `${D}?mode=register`, trader, drawing(list.number, '7'))));
  const made = answers.filter((one) => one.status === 201);
  assert.equal(made.length, 10);
  for (const one of answers.filter((answer) => answer.status !== 201)) {
    assert.equal(one.status, 422, one.text);
    assert.equal(one.json.errors[0].rule, 'E8206');
  }
  const { json } = await call('GET', `${B}/${list.id}`, officer);
  assert.equal(json.lines[0].left, '0.00');
  assert.equal(json.settled, true);
  assert.equal(json.movements.items.filter((one) => one.cause === 'DRAWN').length, 10);
  assert.ok(json.movements.items.every((one) => one.actor));
});

test('goods that are not back in time are told once', async () => {
  const limit = new Date(Date.now() + 10 * 86400e3).toISOString().slice(0, 10);
  const made = await call('POST', `${D}?mode=register`, trader, importOf({ kind: 'G12', reexport_limit: limit }));
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.draws[0].direction, 'OPEN');
  const bank = server.key({ role: 'bank', bank: 'VDB' });
  const lines = made.json.assessment.taxes.filter((one) => one.amount > 0).map(({ tax, amount }) => ({ declaration: made.json.number, tax, amount }));
  await call('POST', '/api/v1/payments', bank, { bank: 'VDB', reference: 'G12', debited_at: await server.now(), payer_tax_code: '9900000016', lines });
  const opened = (await call('GET', `${B}?kind=TEMPORARY&q=${made.json.number}`, trader)).json.items[0];
  assert.equal(opened.state, 'REGISTERED');
  assert.equal(opened.valid_to, limit);
  await call('POST', '/api/v1/test/clock', server.admin, { advance: 'P12D' });
  const late = await until(async () => {
    const { json } = await call('GET', `${B}?state=OVERDUE`, officer);
    return json.items.find((one) => one.id === opened.id);
  }, 'the account is overdue');
  assert.equal(late.overdue, true);
  const { json } = await call('GET', `${B}/${opened.id}`, officer);
  assert.equal(json.version, opened.version + 1, 'one event');
});
