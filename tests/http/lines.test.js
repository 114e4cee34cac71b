// SPDX-License-Identifier: Apache-2.0
// Declarations of more than 50 lines: one record, one decision, several numbers.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { start, importOf, must, run, until } = require('./harness.js');

const MOST = 4950;
let server;
let declarant;
before(async () => {
  server = await start();
  declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
});
after(() => server.stop());

// Values that differ, the same in every run.
function bodyOf(count, changes = {}) {
  let seed = 12345;
  const cents = Array.from({ length: count }, () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return 100 + (seed % 999900);
  });
  const total = cents.reduce((sum, c) => sum + c, 0);
  const text = (c) => `${Math.floor(c / 100)}.${String(c % 100).padStart(2, '0')}`;
  const body = importOf({
    lines: cents.map((c, i) => ({
      hs: '84818099', description: `Van bằng thép không gỉ, cỡ ${i + 1}`, origin: 'CN', scheme: 'B01',
      quantity: { amount: '1.00', unit: 'PCE' }, unit_price: text(c), invoice_value: text(c),
    })),
    valuation: { method: '6', freight: { kind: 'A', currency: 'USD', amount: '98765.43' } },
  });
  body.invoice = { ...body.invoice, incoterm: 'FOB', total: text(total) };
  return { body: { ...body, ...changes }, cents, total };
}

// Computed here apart from the program, in whole numbers: largest fractions first, ties to the lower line.
function share(whole, weights) {
  const sum = weights.reduce((a, b) => a + b, 0n);
  const parts = weights.map((w) => (whole * w) / sum);
  let left = whole - parts.reduce((a, b) => a + b, 0n);
  const order = weights.map((w, i) => [(whole * w) % sum, i]).sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] > b[0] ? -1 : 1));
  for (const [, i] of order) {
    if (left === 0n) break;
    parts[i] += 1n;
    left -= 1n;
  }
  return parts;
}
const half = (a, b) => (2n * a + b) / (2n * b);

function totalsOf(cents, assessment) {
  const rate = BigInt(assessment.exchange_rates.find((r) => r.currency === 'USD').rate);
  const freight = half(9876543n * rate, 100n);
  const shares = share(freight, cents.map(BigInt));
  const rates = Object.fromEntries(assessment.lines[0].taxes.map((t) => [t.tax, BigInt(t.rate)]));
  assert.deepEqual(Object.keys(rates), ['IMPORT', 'VAT']);
  const sums = { value: 0n, IMPORT: 0n, VAT: 0n };
  cents.forEach((c, i) => {
    const value = half(BigInt(c) * rate, 100n) + shares[i];
    const duty = half(value * rates.IMPORT, 100n);
    sums.value += value;
    sums.IMPORT += duty;
    sums.VAT += half((value + duty) * rates.VAT, 100n);
  });
  assert.equal(shares.reduce((a, b) => a + b, 0n), freight);
  return sums;
}

function checkTotals(cents, assessment) {
  const sums = totalsOf(cents, assessment);
  const amount = (tax) => BigInt(assessment.taxes.find((t) => t.tax === tax).amount);
  assert.equal(BigInt(assessment.customs_value), sums.value);
  assert.equal(amount('IMPORT'), sums.IMPORT);
  assert.equal(amount('VAT'), sums.VAT);
  assert.equal(BigInt(assessment.total_payable), sums.IMPORT + sums.VAT);
}

function checkBranches(record, lines) {
  const count = lines > 50 ? Math.ceil(lines / 50) : 0;
  assert.equal(record.branches.length, count);
  record.branches.forEach((branch, i) => {
    assert.deepEqual(Object.keys(branch), ['number', 'first_line', 'last_line']);
    assert.match(branch.number, /^1\d{10}0$/);
    assert.equal(branch.first_line, 50 * i + 1);
    assert.equal(branch.last_line, Math.min(50 * (i + 1), lines));
  });
  if (count > 0) assert.equal(record.branches[0].number, record.number);
  assert.equal(new Set(record.branches.map((b) => b.number)).size, count);
}

const get = (number) => server.get(`/api/v1/declarations/${number}`, declarant);

test('4,950 lines register as one declaration, to the dong', async () => {
  const { body, cents } = bodyOf(MOST);
  const text = JSON.stringify(body);
  const begun = process.hrtime.bigint();
  const made = await server.post('/api/v1/declarations?mode=register', declarant, text, { idempotency: 'long-1' });
  console.log(`registered in ${Number((process.hrtime.bigint() - begun) / 1000000n)} ms, ${text.length} bytes`);
  assert.equal(made.status, 201, made.text.slice(0, 500));
  assert.equal(made.json.declaration.lines.length, MOST);
  assert.deepEqual(made.json.assessment.lines.map((l) => l.line), Array.from({ length: MOST }, (_, i) => i + 1));
  checkTotals(cents, made.json.assessment);
  checkBranches(made.json, MOST);

  // One decision: one debt for each tax, on the one number.
  const debts = (await server.get(`/api/v1/debts?declaration=${made.json.number}`, declarant)).json.items;
  assert.deepEqual(debts.map((d) => [d.tax, d.amount]).sort(),
    made.json.assessment.taxes.map((t) => [t.tax, t.amount]).sort());

  // The same key again, and every number: the one record.
  const again = await server.post('/api/v1/declarations?mode=register', declarant, text, { idempotency: 'long-1' });
  assert.equal(again.status, 201);
  assert.equal(again.text, made.text);
  const first = await get(made.json.number);
  assert.equal(first.status, 200);
  for (const { number } of made.json.branches) {
    const one = await get(`${number.slice(0, 11)}${Math.floor(Math.random() * 10)}`);
    assert.equal(one.status, 200);
    assert.equal(one.text, first.text);
  }
  const last = made.json.branches[98].number;
  const found = await until(async () => {
    const list = (await server.get(`/api/v1/declarations?q=${last}`, declarant)).json.items;
    return list.length > 0 && list;
  }, 'the list knows the branch');
  assert.deepEqual(found.map((one) => one.number), [made.json.number]);
  const tracked = await server.get(`/track?number=${last}&code=${made.json.tracking_code}&lang=en`);
  assert.equal(tracked.status, 200, tracked.text);
  assert.ok(tracked.text.includes(made.json.number));

  // The receipt holds without the server.
  const receipt = await server.get(`/api/v1/declarations/${last}/receipt?wait=2`, declarant);
  assert.equal(receipt.status, 200, receipt.text.slice(0, 500));
  const file = path.join(server.dir, 'long.json');
  fs.writeFileSync(file, receipt.text);
  must(['receipt', 'verify', file]);
  const wrong = JSON.parse(receipt.text).receipt;
  wrong.lines[4949].shares[0] += 1;
  wrong.lines[4948].shares[0] -= 1;
  fs.writeFileSync(file, JSON.stringify(wrong));
  const refused = run(['receipt', 'verify', file]);
  assert.notEqual(refused.code, 0);
  assert.match(refused.err, /\/lines\/4948\/shares\/0/);
});

test('who pays under the number of a branch pays for the whole', async () => {
  const made = (await server.post('/api/v1/declarations?mode=register', declarant, bodyOf(120).body)).json;
  const [duty, vat] = ['IMPORT', 'VAT'].map((tax) => made.assessment.taxes.find((t) => t.tax === tax).amount);
  const [, second, third] = made.branches.map((b) => b.number);
  const debts = (await server.get(`/api/v1/debts?declaration=${third}`, declarant)).json.items;
  assert.deepEqual(debts.map((d) => [d.declaration, d.tax]).sort(), [[made.number, 'IMPORT'], [made.number, 'VAT']]);
  const bank = server.key({ role: 'bank', bank: 'VDB' });
  const paid = await server.post('/api/v1/payments', bank, {
    bank: 'VDB', reference: 'BY-BRANCH', debited_at: await server.now(), payer_tax_code: '9900000016',
    lines: [
      { declaration: second, tax: 'IMPORT', amount: duty - 1, kind: 'TAX' },
      { declaration: third, tax: 'VAT', amount: vat, kind: 'TAX' },
      { declaration: made.number, tax: 'IMPORT', amount: 1, kind: 'TAX' },
    ],
  });
  assert.equal(paid.status, 201, paid.text);
  assert.deepEqual(paid.json.settled, [made.number]);
  const left = (await server.get(`/api/v1/debts?declaration=${made.number}`, declarant)).json.items;
  assert.equal(left.reduce((sum, d) => sum + d.left, 0), 0);
});

test('a stranger to the declaration is a stranger to its branches', async () => {
  const made = (await server.post('/api/v1/declarations?mode=register', declarant, bodyOf(51).body)).json;
  const other = server.key({ role: 'declarant', tax_code: '9900000024' });
  assert.equal((await server.get(`/api/v1/declarations/${made.branches[1].number}`, other)).status, 404);
  const tracked = await server.get(`/track?number=${made.branches[1].number}&code=AAAA-AAAA`);
  assert.equal(tracked.status, 404);
});

test('branches come and go with the lines of a pre-registration', async () => {
  const file = async (lines, changes) => (await server.post('/api/v1/declarations', declarant, bodyOf(lines, changes).body)).json;
  const put = async (number, lines) => {
    const answer = await server.call('PUT', `/api/v1/declarations/${number}`, { key: declarant, body: bodyOf(lines).body });
    assert.equal(answer.status, 200, answer.text.slice(0, 500));
    checkBranches(answer.json, lines);
    return answer.json;
  };
  const one = await file(50);
  checkBranches(one, 50);
  const grown = await put(one.number, 120);
  assert.equal(grown.number, one.number);
  const more = await put(one.number, 201);
  assert.deepEqual(more.branches.slice(0, 3).map((b) => b.number), grown.branches.map((b) => b.number));
  const fewer = await put(one.number, 51);
  assert.deepEqual(fewer.branches.map((b) => b.number), more.branches.slice(0, 2).map((b) => b.number));
  for (const gone of more.branches.slice(2)) assert.equal((await get(gone.number)).status, 404);
  const kept = fewer.branches[1].number;
  const registered = await server.post(`/api/v1/declarations/${kept}/registration`, declarant, {});
  assert.equal(registered.status, 200, registered.text.slice(0, 500));
  assert.equal(registered.json.number, one.number);
  assert.deepEqual(registered.json.branches, fewer.branches);
  const single = await file(75);
  const cut = await put(single.number, 3);
  assert.equal((await get(single.branches[1].number)).status, 404);
  assert.equal((await get(cut.number)).json.declaration.lines.length, 3);
});

test('4,951 lines are one finding, a body beyond all is refused before it is read', async () => {
  const { body } = bodyOf(MOST);
  body.lines.push(body.lines[0]);
  const refused = await server.post('/api/v1/declarations?mode=register', declarant, body);
  assert.equal(refused.status, 422);
  assert.deepEqual(refused.json.errors.map((e) => [e.rule, e.path]), [['HQ019', '/lines']]);
  const long = await server.post('/api/v1/declarations?mode=register', declarant, `{"notes":"${'x'.repeat(9 << 20)}"}`)
    .catch((error) => ({ status: error.code }));
  assert.ok([413, 'ECONNRESET', 'EPIPE'].includes(long.status), String(long.status));
});

test('findings and places lie beyond line 50 too', async () => {
  const { body } = bodyOf(MOST);
  body.lines[4949].origin = 'ZZ';
  body.lines[60].hs = '1234';
  body.valuation.adjustments = [{ code: 'A', sign: 'AD', currency: 'USD', amount: '1', lines: [51, 4951] }];
  const refused = await server.post('/api/v1/declarations?mode=register', declarant, body);
  assert.equal(refused.status, 422);
  const paths = refused.json.errors.map((e) => e.path);
  for (const wanted of ['/lines/60/hs', '/lines/4949/origin', '/valuation/adjustments/0/lines']) {
    assert.ok(paths.includes(wanted), `${wanted} among ${paths}`);
  }
});

test('more warnings than are told do not stop a declaration', async () => {
  const { body } = bodyOf(600);
  body.loading_place = 'JPTYO';
  for (const line of body.lines) {
    line.scheme = 'B05';
    line.origin_proof = { form: 'E', number: 'E1', date: body.invoice.date };
  }
  const made = await server.post('/api/v1/declarations?mode=register', declarant, body);
  assert.equal(made.status, 201, made.text.slice(0, 1000));
  assert.ok(made.json.findings.length <= 401);
  assert.deepEqual([made.json.findings.at(-1).rule, made.json.findings.at(-1).severity], ['HQ099', 'warning']);
});

test('a change of rates in 4,950 lines is told and can be accepted', async () => {
  const { body, cents } = bodyOf(MOST);
  const early = (await server.post('/api/v1/declarations', declarant, body)).json;
  const [rate] = early.assessment.exchange_rates;
  const file = path.join(server.dir, 'rates.csv');
  fs.writeFileSync(file, `currency,valid_from,valid_to,rate,source\nUSD,${rate.valid_from},,26123,corrected\n`);
  must(['reference', 'import', '--db', server.db, 'exchange_rates', file]);
  const dry = await server.post('/api/v1/declarations?mode=dry_run', declarant, body);
  assert.equal(dry.status, 200, dry.text.slice(0, 500));
  assert.equal(dry.json.advice.length, MOST);
  checkTotals(cents, dry.json.assessment);
  const refused = await server.post(`/api/v1/declarations/${early.number}/registration`, declarant, {});
  assert.equal(refused.status, 409, refused.text.slice(0, 500));
  assert.deepEqual(refused.json.difference.slice(-3).map((d) => d.kind), ['further_lines', 'customs_value', 'total_payable']);
  const told = refused.json.difference.filter((d) => d.kind === 'tax');
  assert.deepEqual([...new Set(told.map((d) => d.line))], Array.from({ length: 200 }, (_, i) => i + 1));
  const step = (d) => d.after - d.before;
  const sum = (list, of) => list.reduce((all, one) => all + of(one), 0);
  assert.equal(sum(told, (d) => d.after.amount - d.before.amount) + step(refused.json.difference.at(-3)), step(refused.json.difference.at(-1)));
  const accepted = await server.post(`/api/v1/declarations/${early.number}/registration`, declarant, { accept: refused.json.token });
  assert.equal(accepted.status, 200, accepted.text.slice(0, 500));
  checkTotals(cents, accepted.json.assessment);
  assert.deepEqual(accepted.json.branches, early.branches);
});

test('what is refused leaves no number behind', async () => {
  const next = async () => (await server.post('/api/v1/declarations?mode=register', declarant, bodyOf(51).body)).json.branches[1].number;
  const last = await next();
  const { body } = bodyOf(200, { payment: { term: 'A', guarantee: 'BL-NOSUCH' } });
  const refused = await server.post('/api/v1/declarations?mode=register', declarant, body);
  assert.equal(refused.status, 422, refused.text.slice(0, 500));
  assert.equal(Number(await next()), Number(last) + 20);
});

test('every number is accounted for, also after the server died', async () => {
  assert.equal(server.doctor().code, 0, server.doctor().out);
  await server.down('SIGKILL');
  await server.up();
  const made = (await server.post('/api/v1/declarations?mode=register', declarant, bodyOf(51).body)).json;
  checkBranches(made, 51);
  const doctor = server.doctor();
  assert.equal(doctor.code, 0, doctor.out + doctor.err);
  const verified = server.verify();
  assert.equal(verified.code, 0, verified.out + verified.err);
});
