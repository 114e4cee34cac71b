// SPDX-License-Identifier: Apache-2.0
// Amendments over HTTP: asked, accepted, paid or given back; of thousands of lines; nothing private in events.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { start, importOf, must } = require('./harness.js');

const D = '/api/v1/declarations';
let server;
let trader;
let officer;
let head;
let bank;
before(async () => {
  server = await start();
  trader = server.key({ role: 'declarant', tax_code: '9900000016' });
  officer = server.key({ role: 'officer', office: '15BB' });
  head = server.key({ role: 'branch_head', office: '15BB' });
  bank = server.key({ role: 'bank', bank: 'VDB' });
});
after(async () => {
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out);
  await server.stop();
});

const filed = async (changes) => {
  const made = await server.post(`${D}?mode=register`, trader, importOf(changes));
  assert.equal(made.status, 201, made.text.slice(0, 500));
  return made.json;
};
const post = async (status, target, key, body, options) => {
  const answer = await server.post(target, key, body, options);
  assert.equal(answer.status, status, `${target}: ${answer.text.slice(0, 800)}`);
  return answer.json;
};
const read = async (target, key = trader) => (await server.get(target, key)).json;
const money = (body) => body.assessment.taxes.reduce((sum, tax) => sum + tax.amount, 0);
const debts = async (number) => (await read(`/api/v1/debts?declaration=${number}`)).items;

let payments = 0;
async function pay(number) {
  const lines = (await debts(number)).map((debt) => ({ declaration: number, tax: debt.tax, kind: debt.kind, amount: debt.amount - debt.paid }));
  await post(201, '/api/v1/payments', bank, { bank: 'VDB', reference: `AM-${payments++}`, debited_at: await server.now(),
    payer_tax_code: '9900000016', lines });
}

const priced = (price) => [
  { path: '/lines/0/unit_price', value: price }, { path: '/lines/0/invoice_value', value: `${Number(price) * 1000}.00` },
  { path: '/invoice/total', value: `${Number(price) * 1000}.00` },
];

test('after clearance: less comes back, more is owed, each content stays readable', async () => {
  const made = await filed();
  const where = `${D}/${made.number}`;
  await pay(made.number);
  assert.equal((await read(where)).status, 'CLEARED');
  const asked = await post(202, `${where}/amendments`, trader, { reason_code: '2', reason: 'Giảm giá theo phụ lục hợp đồng số 7', changes: priced('50') });
  assert.deepEqual(Object.keys(asked), ['approval', 'amendment']);
  const fell = await post(200, `${where}/amendments/${asked.approval}/acceptance`, officer, { note: 'Phụ lục 7 khớp' });
  assert.equal(fell.status, 'CLEARED');
  const [{ difference }] = fell.amendments;
  assert.equal(Object.values(difference).reduce((a, b) => a + b, 0), money(fell) - money(made));
  assert.deepEqual(await debts(made.number), []);
  const more = await post(200, `${where}/amendments`, head, { reason_code: '2', reason: 'Tham vấn trị giá', changes: priced('80') });
  assert.equal(more.amendments[1].state, 'IMPOSED');
  assert.equal(more.status, 'CLEARED');
  // What had come back pays first; the rest bears interest from the day the goods went.
  const left = (await debts(made.number)).reduce((sum, debt) => sum + debt.amount - debt.paid, 0);
  assert.equal(left, money(more) - money(made));
  const today = (await server.now()).slice(0, 10);
  for (const debt of await debts(made.number)) assert.equal(debt.interest_from, today);
  const versions = (await read(`${where}/versions`)).items;
  assert.deepEqual(versions.map((one) => one.total_payable), [money(made), money(fell), money(more)]);
  for (const [i, body] of [made, fell, more].entries()) {
    const one = await read(`${where}/versions/${versions[i].version}`);
    assert.deepEqual(one.declaration, body.declaration);
    assert.deepEqual(one.assessment, body.assessment);
  }
  const receipt = path.join(server.dir, 'amended.json');
  fs.writeFileSync(receipt, (await server.get(`${where}/receipt?wait=2`, trader)).text);
  must(['receipt', 'verify', receipt]);
});

test('the same key is the same answer, also after it was decided', async () => {
  const { number } = await filed();
  const where = `${D}/${number}`;
  const body = { reason_code: '6', reason: 'Ghi chú', changes: [{ path: '/notes', value: 'a' }] };
  const first = await server.post(`${where}/amendments`, trader, body, { idempotency: 'amend-1' });
  assert.equal(first.status, 202);
  assert.equal((await server.post(`${where}/amendments`, trader, body, { idempotency: 'amend-1' })).text, first.text);
  await post(200, `${where}/amendments/A1/acceptance`, officer, {});
  assert.equal((await server.post(`${where}/amendments`, trader, body, { idempotency: 'amend-1' })).text, first.text);
  await post(422, `${where}/amendments`, trader, { ...body, reason: 'Khác' }, { idempotency: 'amend-1' });
  await post(400, `${where}/amendments`, trader, body, { idempotency: null });
  assert.equal((await read(where)).amendments.length, 1);
});

test('findings are told in both languages, with the place and what to do', async () => {
  const { number } = await filed();
  const refused = await post(422, `${D}/${number}/amendments`, trader, { reason_code: '6', reason: 'Sai', changes: [
    { path: '/importer/tax_code', value: '9900000023' }, { path: '/office', value: '20BB' }, { path: '/lines/0/hs', value: '99999999' }] });
  const rules = Object.fromEntries(refused.errors.map((error) => [error.path, error]));
  assert.equal(rules['/importer/tax_code'].rule, 'HQ361');
  assert.match(rules['/importer/tax_code'].text.vi, /hủy tờ khai/);
  assert.match(rules['/importer/tax_code'].text.en, /file anew/);
  assert.equal(rules['/office'].rule, 'HQ361');
  assert.equal(rules['/lines/0/hs'].rule, 'HQ150');
});

test('the timeline tells the steps and nothing of reasons, notes and names', async () => {
  const { number } = await filed();
  const where = `${D}/${number}`;
  await post(202, `${where}/amendments`, trader, { reason_code: '6', reason: 'LÝ DO RIÊNG', changes: [{ path: '/exporter/name', value: 'TÊN RIÊNG' }] });
  await post(200, `${where}/amendments/A1/acceptance`, officer, { note: 'GHI CHÚ RIÊNG' });
  await post(202, `${where}/amendments`, trader, { reason_code: '6', reason: 'LÝ DO RIÊNG', changes: [{ path: '/exporter/name', value: 'TÊN KHÁC' }] });
  await post(200, `${where}/amendments/A2/refusal`, officer, { reason: 'GHI CHÚ RIÊNG' });
  const steps = (await read(`${where}/timeline`)).items;
  assert.deepEqual(steps.map((step) => step.event.replace('declaration.', '')),
    ['registered', 'amendment_requested', 'amended', 'amendment_requested', 'amendment_refused']);
  assert.ok(!JSON.stringify(steps).includes('RIÊNG'));
});

test('of 4,950 lines one goes, one comes: two lines are told, branches and totals follow', async () => {
  const lines = Array.from({ length: 4950 }, (_, i) => ({ hs: '84818099', description: `Van cỡ ${i + 1}`, origin: 'CN', scheme: 'B01',
    quantity: { amount: '1.00', unit: 'PCE' }, unit_price: '10', invoice_value: '10.00' }));
  const invoice = { ...importOf().invoice, total: '49500.00' };
  const made = await filed({ lines, invoice, valuation: { method: '6' } });
  assert.equal(made.branches.length, 99);
  const where = `${D}/${made.number}`;
  const asked = await post(202, `${where}/amendments`, trader, { reason_code: '6', reason: 'Không về', changes: [
    { path: '/lines/2000', value: null }, ...Array.from({ length: 49 }, () => ({ path: '/lines/4900', value: null })),
    { path: '/lines/0/description', value: 'Van khác' }, { path: '/invoice/total', value: '49000.00' }] });
  assert.equal(asked.amendment.lines.length, 51);
  assert.deepEqual(asked.amendment.lines.slice(0, 2).map((one) => [one.line, one.line_after, one.change]), [[1, 1, 'CHANGED'], [2001, null, 'REMOVED']]);
  const done = await post(200, `${where}/amendments/A1/acceptance`, officer, {});
  assert.equal(done.branches.length, 98);
  assert.equal(done.declaration.lines.length, 4900);
  assert.equal(done.declaration.lines[2000].description, 'Van cỡ 2002');
  assert.equal(Object.values(done.amendments[0].difference).reduce((a, b) => a + b, 0), money(done) - money(made));
});
