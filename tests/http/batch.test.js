// SPDX-License-Identifier: Apache-2.0
// The low-value flow: bodies of many lines, one parcel each, one result each.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { start, importOf, until } = require('./harness.js');
const { parcelOf } = require('../../bench/parcels.js');

const B = '/api/v1/declarations:batch';
const D = '/api/v1/declarations';
let server;
let carrier;
let officer;
let bank;
before(async () => {
  server = await start();
  carrier = server.key({ role: 'declarant', tax_code: '9900000270', name: 'carrier' });
  officer = server.key({ role: 'officer', office: '15BB' });
  bank = server.key({ role: 'bank', bank: 'VDB' });
});
after(async () => {
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out + journal.err);
  const doctor = server.doctor();
  assert.equal(doctor.code, 0, doctor.out + doctor.err);
  await server.stop();
});

const ndjson = (...lines) => lines.map((one) => (typeof one === 'string' || Buffer.isBuffer(one) ? one : JSON.stringify(one))).join('\n');
async function batch(body, key = carrier) { // key null: nobody
  const answer = await server.post(B, key, body, { idempotency: null, headers: { 'Content-Type': 'application/x-ndjson' } });
  answer.lines = answer.status === 200 ? answer.text.split('\n').filter(Boolean).map((line) => JSON.parse(line)) : [];
  return answer;
}
const rules = (line) => line.errors.map((one) => one.rule);
const record = async (number, key = carrier) => (await server.get(`${D}/${number}`, key)).json;

test('a parcel is taxed, cleared or waits, and is a declaration like any other', async () => {
  const { status, headers, lines: [cheap, dear] } = await batch(ndjson(parcelOf(0, 'AA'), parcelOf(1, 'AA')));
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/x-ndjson');
  assert.deepEqual(Object.keys(cheap), ['line', 'reference', 'number', 'status', 'channel', 'total_payable']);
  assert.deepEqual([cheap.line, cheap.reference, cheap.status, cheap.channel], [1, 'AA000000000', 'AWAITING_TAX', 'GREEN']);
  const small = await record(cheap.number);
  assert.equal(small.low_value, true);
  // 3 dollars: no import duty up to 1,000,000 dong, VAT on every dong.
  const [duty, vat] = small.assessment.lines[0].taxes;
  assert.deepEqual([duty.amount, duty.exemption, duty.reduction > 0], [0, 'PARCEL_DUTY_FREE', true]);
  assert.equal(vat.amount, cheap.total_payable);
  const large = await record(dear.number);
  assert.ok(large.assessment.customs_value > 1000000);
  assert.ok(large.assessment.lines[0].taxes[0].amount > 0 && !large.assessment.lines[0].taxes[0].exemption);

  const receipt = await server.get(`${D}/${cheap.number}/receipt?wait=2`, carrier);
  assert.equal(receipt.json.event.kind, 'parcels.registered');
  const timeline = await server.get(`${D}/${cheap.number}/timeline`, carrier);
  assert.deepEqual(timeline.json.items.map((one) => one.event), ['parcels.registered']);
  const found = await server.get(`${D}?q=AAHAWB000000001`, officer);
  assert.deepEqual(found.json.items.map((one) => one.number), [dear.number]);
  assert.equal((await server.get(`${D}/${cheap.number}`, server.key({ role: 'declarant', tax_code: '9900000023' }))).status, 404);
  const decision = await server.get(`${D}/${dear.number}/decision`, officer);
  assert.equal(decision.json.replays, true, decision.text);
});

test('the carrier pays and the parcel clears', async () => {
  const { lines: [parcel] } = await batch(ndjson(parcelOf(2, 'PAY')));
  const { json: debts } = await server.get(`/api/v1/debts?declaration=${parcel.number}`, carrier);
  assert.equal(debts.items.reduce((sum, one) => sum + one.amount, 0), parcel.total_payable);
  const lines = debts.items.map((one) => ({ declaration: one.declaration, tax: one.tax, amount: one.amount }));
  const paid = await server.post('/api/v1/payments', bank, { bank: 'VDB', reference: 'PARCEL-1', debited_at: await server.now(), payer_tax_code: '9900000270', lines });
  assert.equal(paid.status, 201, paid.text);
  assert.equal((await record(parcel.number)).status, 'CLEARED');
  const { lines: [again] } = await batch(ndjson(parcelOf(2, 'PAY')));
  assert.deepEqual([again.number, again.status, again.repeated], [parcel.number, 'CLEARED', true]);
});

test('a general guarantee of the carrier clears at once; one that is too small is a finding of the line', async () => {
  const guarantee = { bank: 'VDB', number: 'PARCELS', kind: 'general', tax_code: '9900000270', declaration: null, limit_vnd: 500000,
    valid_from: '2026-01-01', valid_to: '2099-12-31' };
  assert.equal((await server.post('/api/v1/guarantees', bank, guarantee)).status, 201);
  const payment = { term: 'B', guarantee: 'PARCELS' };
  const { lines } = await batch(ndjson(parcelOf(0, 'GUA', undefined, { payment }), parcelOf(1, 'GUA', undefined, { payment }), parcelOf(0, 'GUB', undefined, { payment })));
  assert.deepEqual(lines.map((one) => one.status), ['CLEARED', undefined, 'CLEARED']);
  assert.deepEqual(rules(lines[1]), ['E7025']);
  assert.equal(Number(lines[2].number) - Number(lines[0].number), 10, 'no number is lost');
  assert.equal((await record(lines[0].number)).covered, true);
});

test('results come in the order of the lines, refused ones beside the others', async () => {
  const parcels = Array.from({ length: 300 }, (_, i) => (i % 7 === 3 ? { ...parcelOf(i, 'ORD'), kind: 'A11', nonsense: 1 } : parcelOf(i, 'ORD')));
  const { lines } = await batch(ndjson(...parcels));
  assert.deepEqual(lines.map((one) => one.line), parcels.map((_, i) => i + 1));
  lines.forEach((one, i) => {
    assert.equal(one.reference, parcels[i].reference);
    if (i % 7 === 3) assert.deepEqual(rules(one).sort(), ['HQ002', 'HQ901']);
    else assert.equal(one.status, 'AWAITING_TAX');
  });
  const numbers = lines.filter((one) => one.number).map((one) => one.number);
  assert.equal(new Set(numbers).size, numbers.length);
});

test('a reference is registered once: in one body, in a second one, at the same time', async () => {
  const one = parcelOf(10, 'REP');
  const other = { ...one, notes: 'khác' };
  const first = await batch(ndjson(one, one, other));
  assert.deepEqual(first.lines.map((line) => [line.number, line.repeated]).slice(0, 2), [[first.lines[0].number, undefined], [first.lines[0].number, true]]);
  assert.deepEqual(rules(first.lines[2]), ['HQ321']);
  const many = ndjson(...Array.from({ length: 400 }, (_, i) => parcelOf(i, 'RACE')));
  const [a, b] = await Promise.all([batch(many), batch(many)]);
  assert.deepEqual(a.lines.map((line) => line.number), b.lines.map((line) => line.number));
  a.lines.forEach((line, i) => assert.notEqual(line.repeated, b.lines[i].repeated));
  // Another sender's references are his own.
  const stranger = server.key({ role: 'declarant', tax_code: '9900000023' });
  const theirs = await batch(ndjson(one), stranger);
  assert.equal(theirs.lines[0].repeated, undefined);
  // After a restart too.
  await server.down();
  await server.up();
  const later = await batch(ndjson(one, other));
  assert.deepEqual([later.lines[0].number, later.lines[0].repeated], [first.lines[0].number, true]);
  assert.deepEqual(rules(later.lines[1]), ['HQ321']);
});

test('lines that cannot be read', async () => {
  const whole = JSON.stringify(parcelOf(20, 'BAD'));
  const bad = Buffer.concat([
    Buffer.from(`${whole.slice(0, 100)}\n`), // broken off
    Buffer.from('\n   \n\r\n'), // blank ones count, and have no result
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d, 0x0a]), // not UTF-8
    Buffer.from('[]\n17\nnull\n{"a":1}{"b":2}\n'),
    Buffer.from(`{"reference":"${'x'.repeat(1 << 20)}"}\n`), // 1 MB
    Buffer.from(`${JSON.stringify(parcelOf(21, 'BAD'))}\r\n`),
    Buffer.from(whole.slice(0, -1)), // no end, and no newline
  ]);
  const { lines } = await batch(bad);
  assert.deepEqual(lines.map((one) => one.line), [1, 5, 6, 7, 8, 9, 10, 11, 12]);
  assert.deepEqual(lines.map((one) => (one.errors ? rules(one)[0] : one.status)),
    ['HQ323', 'HQ323', 'HQ004', 'HQ004', 'HQ004', 'HQ323', 'HQ322', 'AWAITING_TAX', 'HQ323']);
  for (const one of lines.filter((line) => line.errors)) {
    for (const error of one.errors) assert.ok(error.text.vi && error.text.en, JSON.stringify(error));
  }
  assert.equal((await batch('')).text, '');
  assert.equal((await batch('\n\n\n')).text, '');
});

test('who may send, and whose parcels', async () => {
  assert.equal((await batch('{}', officer)).status, 403);
  assert.equal((await batch('{}', null)).status, 401);
  const json = await server.post(B, carrier, '{}', { idempotency: null });
  assert.equal(json.status, 415);
  const named = await batch(ndjson(
    parcelOf(30, 'WHO', undefined, { agent: { tax_code: '9900000016' } }),
    parcelOf(31, 'WHO', undefined, { importer: { tax_code: '9900000048' } }), // no authority of this one
    parcelOf(32, 'WHO', undefined, { importer: { tax_code: '9900000016' } }),
    parcelOf(33, 'WHO', undefined, { importer: { id_number: '001' } }),
  ));
  assert.deepEqual(named.lines.map((one) => (one.errors ? rules(one) : one.status)), [['HQ320'], ['HQ325'], 'AWAITING_TAX', ['HQ903', 'HQ903']]);
  // The owner sees it too.
  assert.equal((await record(named.lines[2].number, server.key({ role: 'declarant', tax_code: '9900000016' }))).low_value, true);
  // Its own parcel needs no agent.
  const own = await batch(ndjson(parcelOf(34, 'WHO', undefined, { importer: { tax_code: '9900000270' } })));
  assert.equal(own.lines[0].status, 'AWAITING_TAX');
});

test('what is worth too much, or has many lines, goes the other way', async () => {
  const dear = parcelOf(40, 'LIM');
  dear.invoice.total = dear.lines[0].invoice_value = '900.00';
  const many = parcelOf(41, 'LIM');
  many.lines = Array.from({ length: 11 }, () => ({ ...many.lines[0], invoice_value: '1.00' }));
  many.invoice.total = '11.00';
  const { lines } = await batch(ndjson(dear, many));
  assert.deepEqual(rules(lines[0]), ['HQ902']);
  assert.ok(rules(lines[1]).includes('HQ015'));
});

test('exports go the same way', async () => {
  const { importer, exporter, arrival_date: day, invoice, lines: [line], ...rest } = parcelOf(2, 'EXP');
  const { scheme, ...goods } = line;
  const { lines } = await batch(ndjson({ ...rest, flow: 'export', kind: 'H21', exporter: importer, importer: exporter, departure_date: day,
    invoice: { ...invoice, incoterm: 'FOB' }, lines: [{ ...goods, hs: '61091010', quantity: { amount: '1.00', unit: 'PCE' }, origin: 'VN' }] }));
  assert.ok(lines[0].number?.startsWith('3'), JSON.stringify(lines[0]));
  assert.ok(['CLEARED', 'AWAITING_TAX'].includes(lines[0].status));
});

test('what a rule stops is given to an officer and lives on like any declaration', async () => {
  const header = 'rule,lane,flow,kinds,hs,origins,compliance,offices,reason_vi,reason_en,legal_ground,disclosed,valid_from,valid_to';
  const file = path.join(server.dir, 'rules.csv');
  fs.writeFileSync(file, `${header}\n301,YELLOW,import,H11,84713020,,,15BB,Thử,Test,,0,2020-01-01,\n`);
  const analysts = ['một', 'hai'].map((name) => server.key({ role: 'risk_analyst', name }));
  const now = await server.get('/api/v1/risk/rules', analysts[0]);
  for (const key of analysts) {
    const put = await server.call('PUT', '/api/v1/risk/rules', { key, body: fs.readFileSync(file), headers: { 'Content-Type': 'text/csv', 'If-Match': now.headers.etag } });
    assert.ok(put.status < 300, put.text);
  }
  server.user({ username: 'canbo', role: 'officer', office: '15BB', on_roster: true });
  const { lines: [free, stopped] } = await batch(ndjson(parcelOf(2, 'STP'), parcelOf(3, 'STP')));
  assert.deepEqual([free.channel, stopped.channel, stopped.status], ['GREEN', 'YELLOW', 'DOCUMENT_CHECK']);
  const there = await record(stopped.number, officer);
  assert.equal(there.low_value, true);
  const timeline = await server.get(`${D}/${stopped.number}/timeline`, officer);
  assert.equal(timeline.json.items[0].event, 'parcels.registered');
  const checked = await server.post(`${D}/${stopped.number}/documents-complete`, carrier, {});
  assert.equal(checked.status, 200, checked.text);
  assert.equal((await server.get(`${D}?status=DOCUMENT_CHECK`, officer)).json.items.some((one) => one.number === stopped.number), true);
});

/** A raw connection that sends `text` in chunks and is torn down. */
function breakOff(text) {
  return new Promise((resolve) => {
    const request = http.request(`${server.base}${B}`, { method: 'POST', headers: { Authorization: `Bearer ${carrier}`, 'Content-Type': 'application/x-ndjson', 'Transfer-Encoding': 'chunked' } });
    request.on('error', () => {});
    request.on('close', resolve);
    request.write(text);
    setTimeout(() => request.destroy(), 300);
  });
}

test('a connection that breaks: what was stored stays, the same batch again completes it', async () => {
  const parcels = Array.from({ length: 500 }, (_, i) => parcelOf(i, 'CUT'));
  await breakOff(`${ndjson(...parcels.slice(0, 250))}\n${JSON.stringify(parcels[250]).slice(0, 60)}`);
  const { lines } = await batch(ndjson(...parcels));
  assert.equal(lines.filter((one) => one.number).length, 500);
  assert.ok(lines.filter((one) => one.repeated).length >= 192, 'whole sheets of what had come were stored');
  assert.ok(lines.slice(250).every((one) => !one.repeated));
  assert.equal(new Set(lines.map((one) => one.number)).size, 500);
});

test('a sender has two batches at once, and others are not held up by them', async () => {
  const open = () => {
    const request = http.request(`${server.base}${B}`, { method: 'POST', headers: { Authorization: `Bearer ${carrier}`, 'Content-Type': 'application/x-ndjson', 'Transfer-Encoding': 'chunked' } });
    request.on('error', () => {});
    request.write(`${JSON.stringify(parcelOf(Math.floor(Math.random() * 1e8), 'OPEN'))}\n`);
    return request;
  };
  const held = [];
  await until(async () => { held.push(open()); return (await batch('\n')).status === 429; }, 'one batch too many is refused');
  const third = await batch('\n');
  assert.equal(third.status, 429);
  assert.match(third.json.detail, /batch/);
  assert.ok(third.headers['retry-after']);
  assert.equal((await batch('\n', server.key({ role: 'declarant', tax_code: '9900000016' }))).status, 200);
  const formal = await server.post(`${D}?mode=register`, server.key({ role: 'declarant', tax_code: '9900000016' }), importOf());
  assert.equal(formal.status, 201, formal.text);
  for (const request of held) request.destroy();
  await until(async () => (await batch('\n')).status === 200, 'their places are free again');
});

test('ten thousand lines', { timeout: 120000 }, async () => {
  const { lines } = await batch(ndjson(...Array.from({ length: 10000 }, (_, i) => parcelOf(i, 'TEN'))));
  assert.equal(lines.length, 10000);
  assert.ok(lines.every((one, i) => one.line === i + 1 && one.number), JSON.stringify(lines.find((one) => !one.number)));
  assert.equal(new Set(lines.map((one) => one.number)).size, 10000);
  const sums = lines.reduce((sum, one) => sum + one.total_payable, 0);
  assert.ok(sums > 0);
});
