// SPDX-License-Identifier: Apache-2.0
// A run over the whole API: every request and answer, good and bad, must be as docs/api/openapi.yaml says,
// and every answer that the document lists must have come at the end.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const http = require('node:http');
const { start, importOf, until, Server } = require('./harness.js');
const { Described } = require('./described.js');
const { parcelOf } = require('../../bench/parcels.js');
const { people, sessionOf } = require('./openapi_people.js');
const { balances } = require('./openapi_balances.js');
const { decisions } = require('./openapi_decisions.js');

const D = '/api/v1/declarations';
// Answers that this run cannot bring about, with the reason.
const OUT_OF_REACH = new Map([
  ['GET /readyz 503', 'only while it stops'],
  ['GET /api/v1/journal/checkpoint 404', 'only in the first second of a database'],
  [`POST ${D}/{number}/registration 412`, 'only when another change comes between reading and writing'],
]);

let server;
let api;
let trader;
let officer;
let leader;
let bank;
let agent;
before(async () => {
  server = await start();
  api = new Described(server);
  trader = server.key({ role: 'declarant', tax_code: '9900000016', name: 'trader' });
  agent = server.key({ role: 'declarant', tax_code: '9900000270', name: 'agent' });
  officer = server.key({ role: 'officer', office: '15BB', name: 'canbo-khoa' });
  leader = server.key({ role: 'team_leader', office: '15BB' });
  bank = server.key({ role: 'bank', bank: 'VDB' });
});
after(async () => {
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out);
  await server.stop();
});

const get = (status, target, key, options) => api.must(status, 'GET', target, { key, ...options });
const post = (status, target, key, body, options) => api.must(status, 'POST', target, { key, body, ...options });
const put = (status, target, key, body, options) => api.must(status, 'PUT', target, { key, body, ...options });
const remove = (status, target, key, options) => api.must(status, 'DELETE', target, { key, ...options });
const csv = (text, more) => ({ headers: { 'Content-Type': 'text/csv', ...more }, text });
const file = async (mode, changes) => (await post(201, `${D}?mode=${mode}`, trader, importOf(changes))).json;
const register = (changes) => file('register', changes);
const exportOf = () => {
  const { importer, exporter, arrival_date: day, invoice, lines, ...rest } = importOf();
  const [{ scheme, origin_proof: proof, ...line }] = lines;
  return { ...rest, flow: 'export', kind: 'B11', exporter: importer, importer: { ...exporter, code: '' }, departure_date: day,
    invoice: { ...invoice, incoterm: 'FOB' }, valuation: null, loading_place: 'VNHNG', unloading_place: 'CNPIN', lines: [{ ...line, origin: 'VN' }] };
};

// ------------------------------------------------------------------ declarations

test('dry runs', async () => {
  const done = await post(200, `${D}?mode=dry_run`, trader, importOf(), { idempotency: null });
  assert.equal(done.json.channel, undefined);
  assert.ok(Number.isInteger(done.json.assessment.total_payable));
  await post(200, `${D}?mode=dry_run`, trader, importOf());
  await post(200, `${D}?mode=dry_run`, trader, exportOf());
  const bad = await post(422, `${D}?mode=dry_run`, trader, importOf({ kind: 'Z99', flwo: 1 }));
  assert.ok(bad.json.errors.length >= 2);
  await post(404, `${D}?mode=dry_run`, trader, importOf({ importer: { tax_code: '9900000023', name: 'x', address: 'y' } }));
  await post(422, `${D}?mode=later`, trader, importOf());
});

test('a declaration with everything in it', async () => {
  const base = importOf();
  const made = await register({
    cargo_class: null, principal: { tax_code: '9900000023', name: 'Ủy thác' }, agent: null, containers: ['MSKU1234565'],
    permits: [{ kind: 'AA01', number: 'GP-1' }], notes: 'Ghi chú\nhai dòng',
    invoice: { ...base.invoice, incoterm: 'FOB' },
    valuation: {
      method: '6', freight: { kind: 'A', currency: 'USD', amount: '500' }, insurance: { kind: 'A', currency: 'USD', amount: '61.5' },
      adjustments: [{ code: 'A', sign: 'AD', currency: 'USD', amount: '100', lines: [1] }], invoice_total_all: '61500.00', invoice_prior: '0',
    },
    payment: { term: 'D', guarantee: null },
    temporary_declaration: null, linked_declaration: null, reexport_limit: null, planned_date: null, warehouse_first_day: null,
    bonded_transport: null, marks: 'EXAMPLE 1-120', call_sign: null, release_reason: null, payer: '1', preview: 'A', other_laws: [],
    lines: [{ ...base.lines[0], management_code: null, list: null, temporary: null, contract: null, stock: null, quantity2: null, customs_value: null, exemption: null, taxes: [{ tax: 'VAT', exemption: null }],
      origin_proof: { form: 'E', number: 'E-1', date: base.invoice.date }, permit_lines: [] }],
  });
  assert.equal(made.status, 'AWAITING_TAX');
  assert.equal(made.assessment.customs_value, Math.round((61500 + 500 + 61.5 + 100) * made.assessment.exchange_rates[0].rate));
  await get(200, `${D}/${made.number}/receipt?wait=2`, trader);
  await get(200, `${D}/${made.number}/receipt`, officer);
  // Any amendment digit finds the same record.
  assert.equal((await get(200, `${D}/${made.number.slice(0, 11)}7`, trader)).json.number, made.number);
});

test('pre-registered, replaced, and registered after a rate changed', async () => {
  const made = await file('preregister');
  assert.equal(made.registered_at, null);
  assert.equal(made.channel, null);
  const where = `${D}/${made.number}`;
  const { headers } = await get(200, where, trader);
  await put(200, where, trader, importOf({ notes: 'v2' }), { headers: { 'If-Match': headers.etag } });
  await put(412, where, trader, importOf({ notes: 'v3' }), { headers: { 'If-Match': headers.etag } });
  await put(422, where, trader, importOf({ kind: 'Z99' }));
  await put(422, where, trader, exportOf());
  await put(404, `${D}/199999999990`, trader, importOf());
  await get(404, `${where}/decision`, officer);
  const day = new Date(Date.parse(await server.now()) + 31 * 3600e3).toISOString().slice(0, 10);
  const { headers: typed, text } = csv(`currency,valid_from,valid_to,rate,source\nUSD,${day},,25999,invented\n`);
  await post(200, '/api/v1/reference/exchange_rates', server.admin, text, { headers: typed });
  await server.advance('P1D');
  const changed = await post(409, `${where}/registration`, trader, {});
  assert.equal(changed.json.code, 'E1103');
  await post(422, `${where}/registration`, trader, { acept: 'x' });
  const done = await post(200, `${where}/registration`, trader, { accept: changed.json.token });
  assert.equal(done.json.assessment.exchange_rates[0].rate, '25999');
  const again = await post(409, `${where}/registration`, trader, {});
  assert.equal(again.json.declaration_status, done.json.status);
  await put(409, where, trader, importOf());
  await post(404, `${D}/199999999990/registration`, trader, {});
  await get(200, `${where}/papers/declaration?lang=en`, trader);
  await get(409, `${where}/papers/inspection`, trader);
  await get(422, `${where}/papers/receipt?lang=fr`, trader);
  await get(404, `${where}/papers/nothing`, trader);
});

test('the life of a stopped declaration', async () => {
  const rules = 'rule,lane,flow,kinds,hs,origins,compliance,offices,reason_vi,reason_en,legal_ground,disclosed,valid_from,valid_to\n' +
    '201,RED,import,A12,8481,CN,,15BB,Thử,Test,Căn cứ thử,1,2020-01-01,\n';
  const analysts = [server.key({ role: 'risk_analyst', name: 'một' }), server.key({ role: 'risk_analyst', name: 'hai' })];
  const { headers } = await get(200, '/api/v1/risk/rules', analysts[0]);
  const typed = csv(rules, { 'If-Match': headers.etag }).headers;
  await put(202, '/api/v1/risk/rules', analysts[0], rules, { headers: typed });
  await get(200, '/api/v1/approvals', analysts[1]);
  await put(200, '/api/v1/risk/rules', analysts[1], rules, { headers: typed });
  await put(412, '/api/v1/risk/rules', analysts[0], rules, { headers: typed });
  await put(422, '/api/v1/risk/rules', analysts[0], 'rule,lain\n1,RED\n', { headers: csv('').headers });
  await get(200, '/api/v1/risk/rules?version=0', analysts[0]);
  await get(200, '/api/v1/risk/rules?format=csv', analysts[0]);
  await get(422, '/api/v1/risk/rules?version=x', analysts[0]);
  await get(404, '/api/v1/risk/rules?version=999', analysts[0]);

  const { json: keys } = await get(200, '/api/v1/keys?limit=200', server.admin);
  const mine = keys.items.find((key) => key.name === 'canbo-khoa').id.slice(4);
  await put(204, `/api/v1/keys/${mine}/roster`, server.admin, { on_roster: false });
  const made = await register({ kind: 'A12' });
  assert.equal(made.channel, 'RED');
  assert.equal(made.officer, null);
  assert.equal(made.legal_ground, 'Căn cứ thử');
  const where = `${D}/${made.number}`;
  await get(200, `${where}/decision`, officer);
  await post(200, `${where}/documents-complete`, trader, {});
  await post(200, `${where}/documents-complete`, officer);
  await post(422, `${where}/documents-complete`, trader, { x: 1 });
  await post(200, `${where}/goods-presented`, trader, {});
  await post(422, `${where}/goods-presented`, trader, { x: 1 });
  await post(409, `${where}/assignment`, leader, {}); // nobody is on the roster
  await post(422, `${where}/assignment`, leader, { officer: 'canbo-khoa' }); // no reason
  await post(200, `${where}/assignment`, leader, { officer: 'canbo-khoa', reason: 'Thử' });
  await put(204, `/api/v1/keys/${mine}/roster`, server.admin, { on_roster: true });
  await post(200, `${where}/assignment`, leader, {}); // drawn
  await post(422, `${where}/document-check`, officer, { result: 'good' });
  await post(409, `${where}/goods-check`, officer, { result: 'satisfactory' });
  await post(422, `${where}/goods-check`, officer, { result: 'satisfactory', minutes: -1 });
  await post(200, `${where}/document-check`, officer, { result: 'satisfactory', note: null, minutes: 12 });
  await post(409, `${where}/document-check`, officer, { result: 'satisfactory' });
  await post(200, `${where}/goods-check`, officer, { result: 'discrepancy', note: 'Thừa', lines: [{ line: 1 }], evidence: ['a'] });
  const last = await post(200, `${where}/goods-check`, officer, { result: 'satisfactory' });
  assert.equal(last.json.status, 'AWAITING_TAX');
  assert.deepEqual(last.json.assignments.map((one) => one.how), ['named', 'drawn']);
  await post(409, `${where}/documents-complete`, trader, {});
  await post(409, `${where}/goods-presented`, trader, {});
  await get(200, `${where}/timeline`, officer);
  const told = (await get(200, `${where}/timeline`, trader)).json;
  assert.ok(told.items.some((step) => step.result === 'discrepancy'));
  // The declarant sees what was found, not who was drawn from whom.
  assert.equal((await get(200, where, trader)).json.assignments, undefined);
  for (const verb of ['documents-complete', 'goods-presented', 'assignment', 'document-check', 'goods-check']) {
    await post(404, `${D}/199999999990/${verb}`, verb === 'assignment' ? leader : officer, { });
  }
});

const fileOf = async (key, text, name = 'paper.txt') =>
  (await post(201, `/api/v1/attachments?name=${name}`, key, text, { headers: { 'Content-Type': 'application/octet-stream' } })).json.id;

test('what both sides add', async () => {
  const made = await register({ kind: 'A12' });
  const where = `${D}/${made.number}`;
  const nowhere = `${D}/199999999990`;
  const paper = await fileOf(trader, 'Hóa đơn INV-1');
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
  const hash = crypto.createHash('sha256').update('Hóa đơn INV-1').digest();
  const signature = { algorithm: 'Ed25519', public_key: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex'),
    value: crypto.sign(null, hash, privateKey).toString('hex') };
  const attached = await post(200, `${where}/attachments`, trader, { file: paper, kind: 'INVOICE', name: null, note: 'Bản chính', signature });
  assert.deepEqual(attached.json.attachments[0].signature, signature);
  await post(409, `${where}/attachments`, trader, { file: paper, kind: 'BILL' });
  await post(422, `${where}/attachments`, trader, { file: paper });
  await post(404, `${nowhere}/attachments`, trader, { file: paper, kind: 'BILL' });
  await get(200, `${where}/attachments/${paper}`, officer);
  await get(404, `${where}/attachments/x`, officer);
  await post(200, `${where}/instructions`, officer, { kind: 'SUPPLEMENT', text: 'Bổ sung', lines: [1], due: '2099-12-31' });
  await post(200, `${where}/instructions`, officer, { kind: 'OTHER', text: 'Khác', lines: null, due: null });
  await post(422, `${where}/instructions`, officer, { kind: 'ASK', text: 'x' });
  await post(404, `${nowhere}/instructions`, officer, { kind: 'OTHER', text: 'x' });
  await post(200, `${where}/answers`, trader, { instruction: 1, text: null, attachments: [paper] });
  await post(422, `${where}/answers`, trader, { instruction: 9, text: 'x' });
  await post(404, `${nowhere}/answers`, trader, { instruction: 1, text: 'x' });
  await post(200, `${where}/instructions/1/closure`, officer, { note: 'Đủ' });
  await post(409, `${where}/instructions/1/closure`, officer);
  await post(422, `${where}/instructions/1/closure`, officer, { notes: 1 });
  await post(404, `${where}/instructions/9/closure`, officer);
  await post(409, `${where}/answers`, trader, { instruction: 1, text: 'x' });
  const { number } = await file('preregister');
  await post(409, `${D}/${number}/instructions`, officer, { kind: 'OTHER', text: 'x' });
  await get(200, `${where}/timeline`, trader);
});

test('what a discrepancy leads to', async () => {
  const nowhere = `${D}/199999999990`;
  const head = server.key({ role: 'branch_head', office: '15BB', name: 'head' });
  const laboratory = server.key({ role: 'laboratory', name: 'lab' });
  const stopped = async () => {
    const made = await register({ kind: 'A12' });
    await post(200, `${D}/${made.number}/assignment`, leader, { officer: 'canbo-khoa', reason: 'Thử' });
    await post(200, `${D}/${made.number}/document-check`, officer, { result: 'discrepancy' });
    return `${D}/${made.number}`;
  };
  const where = await stopped();
  const open = (body) => post(200, `${where}/matters`, officer, { text: 'x', ...body });
  await open({ kind: 'ORDERED_AMENDMENT', about: 'OTHER', lines: [1], check: 1, due: null, changes: null });
  await open({ kind: 'ANALYSIS', due: '2099-12-31' });
  await open({ kind: 'CONSULTATION', invitation: { at: '2099-12-31', place: 'x' } });
  await open({ kind: 'VIOLATION', act: 'NO_PERMIT', record_number: null });
  await post(422, `${where}/matters`, officer, { kind: 'VIOLATION', text: 'x', ground: 'x' });
  await post(404, `${nowhere}/matters`, officer, { kind: 'VIOLATION', text: 'x', act: 'OTHER' });
  await post(409, `${where}/matters`, officer, { kind: 'VIOLATION', text: 'x', act: 'OTHER', check: 7 });
  const imposed = { kind: 'IMPOSED_TAX', text: 'x', ground: 'x', amounts: [{ line: 1, tax: 'VAT', amount: 5 }] };
  await post(202, `${where}/matters`, officer, imposed);
  assert.equal((await post(200, `${where}/matters`, head, imposed)).json.matters[4].outcome, 'IMPOSED');

  const samples = { samples: [{ line: 1, quantity: { amount: '2', unit: 'PCE' }, seal: 'NP-1', declarant_present: null }] };
  await post(422, `${where}/matters/2/samples`, officer, {});
  await post(409, `${where}/matters/1/samples`, officer, samples);
  await post(404, `${where}/matters/9/samples`, officer, samples);
  await post(200, `${where}/matters/2/samples`, officer, samples);
  const list = await get(200, '/api/v1/laboratory/samples?state=SAMPLED&limit=1', laboratory);
  assert.equal(list.json.items[0].samples[0].seal, 'NP-1');
  assert.doesNotMatch(list.text, /9900000016|Công ty|EXAMPLE VALVES/);
  await get(422, '/api/v1/laboratory/samples?state=x', laboratory);
  await post(422, `${where}/matters/2/receive`, laboratory, { x: 1 });
  await post(404, `${where}/matters/9/receive`, laboratory);
  await post(200, `${where}/matters/2/receive`, laboratory);
  await post(409, `${where}/matters/2/receive`, laboratory);
  const results = [{ sample: 1, hs: '84818099', description: 'Van' }];
  await post(422, `${where}/matters/2/result`, laboratory, { results: [] });
  await post(404, `${where}/matters/9/result`, laboratory, { results });
  const done = await post(200, `${where}/matters/2/result`, laboratory, { results, number: null, document: await fileOf(laboratory, 'Phiếu') });
  assert.doesNotMatch(done.text, /9900000016|Công ty|EXAMPLE VALVES/);
  await post(409, `${where}/matters/2/result`, laboratory, { results });
  await get(200, `${where}/earlier-analyses`, officer);
  await get(404, `${nowhere}/earlier-analyses`, officer);

  const minutes = { held_at: await server.now(), text: 'x', outcome: 'ACCEPTED', changes: [{ path: '/lines/0/customs_value', value: 1 }] };
  await post(422, `${where}/matters/3/minutes`, officer, { ...minutes, outcome: 'x' });
  await post(409, `${where}/matters/1/minutes`, officer, minutes);
  await post(404, `${where}/matters/9/minutes`, officer, minutes);
  await post(200, `${where}/matters/3/minutes`, officer, minutes);
  await post(422, `${where}/matters/1/closure`, officer, {});
  await post(404, `${where}/matters/9/closure`, officer, { outcome: 'WITHDRAWN' });
  await post(409, `${where}/matters/1/closure`, officer, { outcome: 'AGREED' });
  await post(200, `${where}/matters/1/closure`, officer, { outcome: 'WITHDRAWN', note: null });
  await get(200, `${where}/timeline`, trader);
  await get(200, where, trader);

  const refused = await stopped();
  await post(200, `${refused}/matters`, head, { kind: 'REFUSAL', text: 'x', ground: 'x', disposal: 'DESTRUCTION' });
  await post(422, `${refused}/matters/1/disposal`, officer, {});
  await post(404, `${refused}/matters/9/disposal`, officer, { text: 'x' });
  await post(200, `${refused}/matters/1/disposal`, officer, { text: 'x', evidence: [] });
  await post(409, `${refused}/matters/1/disposal`, officer, { text: 'x' });

  const page = await get(200, '/api/v1/matters?office=15BB&kind=ANALYSIS&state=WAITING&overdue=0&limit=1', officer);
  assert.equal(page.json.items[0].state, 'RESULTED');
  await get(200, `/api/v1/matters?limit=1&cursor=${page.json.next ?? 1}`, head);
  await get(422, '/api/v1/matters?state=x', officer);
});

test('papers, lists and what is not there', async () => {
  const { number } = await register();
  await get(200, `${D}/${number}/advice?line=1`, trader);
  await get(422, `${D}/${number}/advice?line=9`, trader);
  await get(422, `${D}?status=OPEN`, officer);
  const page = await get(200, `${D}?office=15BB&status=AWAITING_TAX,CLEARED&channel=GREEN&kind=A11&from=2020-01-01&to=2099-12-31&q=van&limit=1`, officer);
  assert.equal(page.json.items.length, 1);
  assert.notEqual(page.json.next, null);
  await get(200, `${D}?limit=1&cursor=${page.json.next}&assignee=me`, officer);
  assert.equal((await get(200, `${D}?office=20BB`, officer)).json.items.length, 0);
  for (const paper of ['', '/timeline', '/receipt', '/advice', '/decision']) await get(404, `${D}/199999999990${paper}`, officer);
  const stranger = server.key({ role: 'declarant', tax_code: '9900000023' });
  await get(404, `${D}/${number}`, stranger);
  // The list is open to all and shows what lies in the scope of who asks.
  const sees = async (wish) => (await get(200, D, server.key(wish))).json.items.length;
  for (const role of ['treasury', 'carrier', 'laboratory', 'administrator']) assert.equal(await sees({ role, name: 'lists' }), 0, role);
  assert.equal(await sees({ role: 'bank', bank: 'VDB' }), 0);
  assert.equal(await sees({ role: 'operator', office: '20BB' }), 0);
  assert.ok(await sees({ role: 'operator', office: '15BB' }) > 0);
});

test('amendments and versions', async () => {
  const { number } = await register();
  const where = `${D}/${number}`;
  const nowhere = `${D}/199999999990`;
  const head = server.key({ role: 'branch_head', office: '15BB' });
  const notes = (value) => ({ reason_code: '6', reason: 'Ghi chú', changes: [{ path: '/notes', value }] });
  const asked = await post(202, `${where}/amendments`, trader, notes('a'));
  await post(409, `${where}/amendments`, trader, notes('b'));
  await post(422, `${where}/amendments`, trader, { ...notes('b'), declaration: importOf() });
  await post(403, `${where}/amendments`, officer, notes('b'));
  await post(404, `${nowhere}/amendments`, trader, notes('b'));
  const at = `${where}/amendments/${asked.json.approval}`;
  await post(422, `${at}/acceptance`, officer, { reason: 'x' });
  await post(200, `${at}/acceptance`, officer, { note: 'Đúng' });
  await post(409, `${at}/acceptance`, officer, {});
  await post(404, `${where}/amendments/A9/acceptance`, officer, {});
  const whole = await post(202, `${where}/amendments`, trader, { reason_code: '5', reason: 'Thêm dòng', matter: null, changes: null,
    declaration: { ...importOf(), notes: 'a', lines: [...importOf().lines, { ...importOf().lines[0], description: 'Van thêm' }],
      invoice: { ...importOf().invoice, total: '123000.00' } } });
  assert.equal(whole.json.amendment.lines[0].change, 'ADDED');
  await post(422, `${where}/amendments/A2/refusal`, officer, {});
  await post(200, `${where}/amendments/A2/refusal`, officer, { reason: 'Không có chứng từ' });
  await post(409, `${where}/amendments/A2/refusal`, officer, { reason: 'x' });
  await post(404, `${where}/amendments/A9/refusal`, officer, { reason: 'x' });
  await post(202, `${where}/amendments`, trader, notes('c'));
  await post(422, `${where}/amendments/A3/withdrawal`, trader, { note: 'x' });
  await post(200, `${where}/amendments/A3/withdrawal`, trader, { reason: 'Nhầm' });
  await post(409, `${where}/amendments/A3/withdrawal`, trader);
  await post(404, `${where}/amendments/A9/withdrawal`, trader);
  await post(200, `${where}/amendments`, head, { reason_code: '4', reason: 'Phân loại lại', changes: [{ path: '/lines/0/description', value: 'Van thép' }] });
  const versions = (await get(200, `${where}/versions`, trader)).json.items;
  assert.deepEqual(versions.map((one) => one.amendment), [null, 'A1', 'A4']);
  await get(200, `${where}/versions/${versions[0].version}`, officer);
  await get(404, `${where}/versions/999`, officer);
  await get(404, `${nowhere}/versions`, officer);
  await get(200, `${where}/timeline`, trader);
});

test('files of many declarations', async () => {
  const type = { headers: { 'Content-Type': 'application/x-ndjson' } };
  const lines = (...all) => all.map((one) => JSON.stringify(one)).join('\n');
  await post(200, '/api/v1/uploads?mode=dry_run', trader, lines(importOf()), { ...type, idempotency: null });
  const { json: { id } } = await post(201, '/api/v1/uploads?mode=register', trader, lines(importOf(), importOf({ office: 'X' }), 7), type);
  await post(422, '/api/v1/uploads', trader, '', type);
  await post(422, '/api/v1/uploads?mode=all', trader, '', type);
  await post(415, '/api/v1/uploads', trader, 'a', { headers: { 'Content-Type': 'text/plain' } });
  await get(200, '/api/v1/uploads?limit=1', trader);
  await get(422, '/api/v1/uploads?limit=0', trader);
  await get(200, '/api/v1/uploads/template.xlsx?lang=en', trader);
  await get(422, '/api/v1/uploads/template.xlsx?lang=fr', trader);
  await get(200, `/api/v1/uploads/${id}`, trader);
  await get(200, `/api/v1/uploads/${id}/result.xlsx`, trader);
  await get(422, `/api/v1/uploads/${id}/result.xlsx?lang=fr`, trader);
  for (const route of ['', '/result.xlsx']) await get(404, `/api/v1/uploads/1${route}`, trader);
  const xlsx = { headers: { 'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } };
  await post(400, '/api/v1/uploads', trader, 'PK\x03\x04', xlsx);
  await post(413, '/api/v1/uploads', trader, Buffer.alloc((32 << 20) + 1), xlsx);
});

test('batches of parcels', async () => {
  const ndjson = { idempotency: null, headers: { 'Content-Type': 'application/x-ndjson' }, wellFormed: true };
  const lines = (...parcels) => parcels.map((one) => JSON.stringify(one)).join('\n');
  const firm = parcelOf(3, 'OA', undefined, { importer: { tax_code: '9900000016' } });
  const done = await post(200, `${D}:batch`, agent, lines(parcelOf(1, 'OA'), parcelOf(2, 'OA'), firm), ndjson);
  const results = done.text.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(results.map((one) => one.status), ['AWAITING_TAX', 'AWAITING_TAX', 'AWAITING_TAX']);
  await post(200, `${D}:batch`, agent, `${lines(parcelOf(1, 'OA'))}\n{}\n[`, { ...ndjson, wellFormed: false });
  for (const { number } of results) {
    const { json } = await get(200, `${D}/${number}`, agent);
    assert.equal(json.low_value, true);
    for (const paper of ['/timeline', '/receipt?wait=2', '/advice']) await get(200, `${D}/${number}${paper}`, agent);
    await get(200, `${D}/${number}/decision`, officer);
  }
  await get(200, `${D}?q=OA`, officer);
});

// ------------------------------------------------------------------ money

test('debts, payments and guarantees', async () => {
  const made = await register();
  const { json: debts } = await get(200, `/api/v1/debts?declaration=${made.number}`, bank);
  assert.deepEqual(debts.items.map((debt) => debt.tax), ['IMPORT', 'VAT']);
  assert.equal((await get(200, '/api/v1/debts?tax_code=9900000016&limit=1', officer)).json.items.length, 1);
  await get(200, '/api/v1/debts', trader);
  await get(422, '/api/v1/debts', bank);
  const lines = debts.items.map((debt) => ({ declaration: debt.declaration, tax: debt.tax, amount: debt.amount, kind: 'TAX' }));
  lines.push({ declaration: '100000099990', tax: 'VAT', amount: 5 });
  const payment = { bank: 'VDB', reference: 'OA-1', debited_at: await server.now(), payer_tax_code: '9900000016', lines };
  const first = await post(201, '/api/v1/payments', bank, payment);
  assert.deepEqual(first.json.settled, [made.number]);
  assert.equal(first.json.credited, 5);
  assert.equal((await post(200, '/api/v1/payments', bank, payment)).text, first.text);
  await post(409, '/api/v1/payments', bank, { ...payment, lines: lines.slice(1) });
  await post(422, '/api/v1/payments', bank, { ...payment, lines: [] });
  await post(422, '/api/v1/payments', bank, []);
  await post(403, '/api/v1/payments', bank, { ...payment, bank: 'ABC' });
  assert.equal((await get(200, `${D}/${made.number}`, trader)).json.status, 'CLEARED');

  const guarantee = { bank: 'VDB', number: 'BL-1', kind: 'general', tax_code: '9900000016', declaration: null, limit_vnd: 900000000,
    valid_from: '2026-01-01', valid_to: '2099-12-31' };
  const registered = await post(201, '/api/v1/guarantees', bank, guarantee);
  await post(200, '/api/v1/guarantees', bank, guarantee);
  await post(409, '/api/v1/guarantees', bank, { ...guarantee, limit_vnd: 1 });
  await post(422, '/api/v1/guarantees', bank, { ...guarantee, kind: 'none' });
  const where = registered.headers.location;
  await get(200, '/api/v1/guarantees?tax_code=9900000016&limit=1', officer);
  await get(422, '/api/v1/guarantees?limit=0', trader);
  await get(422, '/api/v1/guarantees?cursor=x', trader);
  const { headers } = await get(200, where, trader);
  await get(404, where, agent);
  const covered = await register({ payment: { term: 'B', guarantee: 'BL-1' } });
  assert.equal(covered.status, 'CLEARED');
  assert.equal(covered.covered, true);
  await post(409, `${where}/cancel`, bank, {});
  await post(412, `${where}/extend`, bank, { valid_to: '2100-12-31' }, { headers: { 'If-Match': headers.etag } });
  await post(412, `${where}/cancel`, bank, {}, { headers: { 'If-Match': headers.etag } });
  const held = await get(200, where, bank);
  await post(200, `${where}/extend`, bank, { valid_to: '2100-12-31' }, { headers: { 'If-Match': held.headers.etag } });
  await post(422, `${where}/extend`, bank, { valid_to: '2020-01-01' });
  const other = await post(201, '/api/v1/guarantees', bank, { ...guarantee, number: 'BL-2', kind: 'individual', declaration: made.number });
  await post(200, `${other.headers.location}/cancel`, bank);
  await post(409, `${other.headers.location}/extend`, bank, { valid_to: '2100-12-31' });
  const foreign = server.key({ role: 'bank', bank: 'ABC' });
  await post(404, `${where}/extend`, foreign, { valid_to: '2100-12-31' });
  await post(404, `${where}/cancel`, foreign, {});
});

// ------------------------------------------------------------------ tables, risk

test('reference tables', async () => {
  const headquarters = server.key({ role: 'headquarters', office: '00' });
  for (const table of ['nomenclature', 'tariff', 'exchange_rates', 'schemes', 'kinds', 'offices', 'holidays', 'office_hours',
    'interest_rates', 'allocation_order', 'balance_kinds', 'exemptions', 'countries', 'currencies', 'terms', 'amendable', 'code_lists']) {
    const page = await get(200, `/api/v1/reference/${table}?limit=500`, trader);
    assert.ok(page.json.items.length > 0, table);
    if (page.json.next) await get(200, `/api/v1/reference/${table}?limit=2&cursor=${page.json.next}`, trader);
  }
  await get(200, '/api/v1/reference/kinds?at=2026-11-20&q=kinh', trader);
  const declared = await post(201, '/api/v1/outages', headquarters, { reason_vi: 'Thử', reason_en: 'Test' });
  await post(409, '/api/v1/outages', headquarters, { reason_vi: 'Thử' });
  await post(422, '/api/v1/outages', headquarters, { reason_vi: '' });
  await post(200, `/api/v1/outages/${declared.json.id}/end`, headquarters, {});
  await post(409, `/api/v1/outages/${declared.json.id}/end`, headquarters, {});
  await post(404, '/api/v1/outages/999/end', headquarters, {});
  await post(422, '/api/v1/outages/999/end', headquarters, { x: 1 });
  await get(200, '/api/v1/outages?limit=5', undefined);
  await get(422, '/api/v1/outages?limit=0', undefined);
  await get(404, '/api/v1/reference/nothing', trader);
  await get(422, '/api/v1/reference/kinds?at=today', trader);
  await get(200, '/api/v1/reference/enterprises?limit=500', officer);
  await get(422, '/api/v1/reference/enterprises?limit=x', officer);
  await get(200, '/api/v1/reference/authorities', officer);
  await get(422, '/api/v1/reference/authorities?cursor=x', officer);
  await get(200, '/api/v1/reference/hs?q=van&limit=5&at=2026-11-20', trader);
  await get(422, '/api/v1/reference/hs?limit=0', trader);
  await get(200, '/api/v1/reference/tariff/84818099?origin=CN&date=2026-11-20', trader);
  await get(404, '/api/v1/reference/tariff/00000000', trader);
  await get(422, '/api/v1/reference/tariff/8481', trader);
  const typed = csv('').headers;
  const rows = 'date,name,kind\n2031-01-01,Tết Dương lịch,OFF\n';
  await post(200, '/api/v1/reference/holidays?mode=dry_run', headquarters, rows, { headers: typed });
  await post(200, '/api/v1/reference/holidays', headquarters, rows, { headers: typed });
  await post(422, '/api/v1/reference/holidays', headquarters, 'date,name\n2031-02-30,x\n', { headers: typed });
  await post(404, '/api/v1/reference/nothing', headquarters, rows, { headers: typed });
});

test('the random share', async () => {
  const one = server.key({ role: 'risk_analyst', name: 'một' });
  const two = server.key({ role: 'risk_analyst', name: 'hai' });
  const share = '/api/v1/risk/random-share';
  const { headers } = await get(200, share, one);
  const guarded = { headers: { 'If-Match': headers.etag } };
  const wish = await put(202, share, one, { office: '15BB', ppm: 0 }, guarded);
  const open = (await get(200, '/api/v1/approvals', two)).json.items;
  assert.ok(open.some((item) => item.id === wish.json.approval && !item.mine));
  await put(200, share, two, { office: '15BB', ppm: 0 }, guarded);
  await put(412, share, one, { ppm: 10 }, guarded);
  const bad = await put(422, share, one, { ppm: -1, ofice: '15BB', office: 7 });
  assert.deepEqual(bad.json.errors.map((error) => error.path).sort(), ['/office', '/ofice', '/ppm']);
  assert.equal((await get(200, share, two)).json.items.length, 1);
});

decisions(() => ({ server, api, officer, trader }));
people(() => ({ server, api, officer, leader, trader }));
balances(() => ({ server, api, officer, trader, agent }));

// ------------------------------------------------------------------ transport under bond

test('a transport under bond', async () => {
  const T = '/api/v1/transports';
  const there = server.key({ role: 'operator', office: '20BB', name: 'ben-kho' });
  const goods = { office_from: '15BB', place_from: '15BBC01', office_to: '20BB', place_to: '20BBC01', conveyance: '12C-12345',
    planned_departure: '2099-01-01', planned_arrival: '2099-01-02', packages: { count: 3 }, goods: 'Van' };
  await post(422, T, trader, { ...goods, office_to: '15BB' });
  const made = await post(201, T, trader, goods);
  const at = `${T}/${made.json.number}`;
  const nobody = `${T}/599999999990`;
  await get(200, `${T}?office=15BB&status=DECLARED&overdue=false&limit=2`, officer);
  await get(422, `${T}?overdue=maybe`, officer);
  await get(200, at, trader);
  await get(404, nobody, trader);
  await put(200, at, trader, { ...goods, goods: 'Van bi' });
  await put(412, at, trader, goods, { headers: { 'If-Match': '"1"' } });
  await put(422, at, trader, { ...goods, goods: '' });
  await put(404, nobody, trader, goods);
  const steps = [['correction', { reason: 'x' }], ['approval', {}], ['departure', { seals: ['A1'] }],
    ['extension', { due: '2099-02-01T08:00:00+07:00', reason: 'x' }], ['cancellation', { reason: 'x' }], ['refusal', { reason: 'x' }]];
  for (const [verb, body] of steps) {
    await post(404, `${nobody}/${verb}`, officer, body);
    await post(422, `${at}/${verb}`, officer, { x: 1 });
  }
  await post(200, `${at}/correction`, officer, { reason: 'Thiếu' });
  await post(409, `${at}/approval`, officer, {});
  await put(200, at, trader, goods);
  await post(200, `${at}/approval`, officer, { note: 'Đủ' });
  await post(409, `${at}/refusal`, officer, { reason: 'x' });
  await post(409, `${at}/extension`, officer, { due: '2099-02-01T08:00:00+07:00', reason: 'x' });
  await post(409, `${at}/arrival`, there, { seals: 'INTACT', packages: { count: 3 } });
  await post(200, `${at}/departure`, officer, { seals: ['A1'] });
  await post(409, `${at}/departure`, officer, { seals: ['A1'] });
  await put(409, at, trader, goods);
  await post(409, `${at}/correction`, officer, { reason: 'x' });
  await post(409, `${at}/cancellation`, trader, { reason: 'x' });
  await post(200, `${at}/extension`, officer, { due: '2099-02-01T08:00:00+07:00', reason: 'x' });
  await post(404, `${nobody}/arrival`, there, { seals: 'INTACT', packages: { count: 3 } });
  await post(422, `${at}/arrival`, there, { seals: 'OPEN', packages: { count: 3 } });
  await post(200, `${at}/arrival`, there, { seals: 'BROKEN', packages: { count: 3 } });
  const refused = `${T}/${(await post(201, T, trader, goods)).json.number}`;
  await post(200, `${refused}/refusal`, officer, { reason: 'Không đủ điều kiện' });
  const gone = `${T}/${(await post(201, T, trader, goods)).json.number}`;
  await post(200, `${gone}/cancellation`, trader, { reason: 'Thôi' });
});

// ------------------------------------------------------------------ proposals and decisions

test('what officers propose and heads decide', async () => {
  const head = server.key({ role: 'branch_head', office: '15BB', name: 'lanh-dao' });
  const second = server.key({ role: 'officer', office: '15BB', name: 'canbo-hai' });
  const { number } = await register();
  const where = `${D}/${number}`;
  const ask = { to: 'YELLOW', reason: 'Trị giá thấp' };
  await post(422, `${where}/channel`, officer, { to: 'BLUE' });
  const { json: asked } = await post(202, `${where}/channel`, officer, ask);
  const { json: list } = await get(200, '/api/v1/proposals?office=15BB&verb=channel&limit=200', head);
  assert.ok(list.items.some((one) => one.id === asked.approval && one.decides));
  await get(422, '/api/v1/proposals?state=later', head);
  const one = `${where}/proposals/${asked.approval}`;
  await post(422, `${one}/refusal`, head, {});
  await post(404, `${where}/proposals/0/refusal`, head, { reason: 'x' });
  await post(200, `${one}/refusal`, head, { reason: 'Chưa đủ căn cứ' });
  await post(409, `${one}/refusal`, head, { reason: 'Chưa đủ căn cứ' });
  const { json: again } = await post(202, `${where}/channel`, officer, ask);
  const other = `${where}/proposals/${again.approval}`;
  await post(403, `${other}/withdrawal`, second, {});
  await post(404, `${where}/proposals/0/withdrawal`, officer, {});
  await post(422, `${other}/withdrawal`, officer, { reson: 'x' });
  await post(200, `${other}/withdrawal`, officer);
  await post(409, `${other}/withdrawal`, officer, {});
  await post(202, `${where}/channel`, officer, ask);
  const { json: record } = await post(200, `${where}/channel`, head, { ...ask, reason: 'Đồng ý' });
  assert.equal(record.status, 'DOCUMENT_CHECK');
  assert.deepEqual(record.decisions.map((d) => [d.from, d.to, d.raised]), [['GREEN', 'YELLOW', true]]);
  await post(409, `${where}/channel`, head, ask);
  await post(404, `${D}/199999999990/channel`, officer, ask);
  await post(409, `${where}/pauses`, officer, { clock: 'document_check', reason: 'Chờ' });
  await post(200, `${where}/documents-complete`, trader, {});
  await post(422, `${where}/pauses`, officer, { clock: 'lunch', reason: 'Chờ' });
  await post(404, `${D}/199999999990/pauses`, officer, { clock: 'document_check', reason: 'Chờ' });
  const { json: stopped } = await post(200, `${where}/pauses`, officer, { clock: 'document_check', reason: 'Chờ' });
  assert.equal(stopped.documents.due, null);
  await post(422, `${where}/pauses/1/end`, officer, { x: 1 });
  await post(404, `${where}/pauses/9/end`, officer, {});
  await post(200, `${where}/pauses/1/end`, officer, {});
  await post(409, `${where}/pauses/1/end`, officer, {});
  await post(422, `${where}/extension`, officer, {});
  await post(409, `${where}/extension`, officer, { reason: 'Lô lớn' });
  await post(404, `${D}/199999999990/extension`, officer, { reason: 'Lô lớn' });
  await post(200, `${where}/channel`, head, { to: 'RED', reason: 'Nghi ngờ' });
  await post(200, `${where}/goods-presented`, trader, {});
  await post(200, `${where}/assignment`, leader, { officer: 'canbo-khoa', reason: 'Thử' });
  await post(200, `${where}/document-check`, officer, { result: 'satisfactory' });
  await post(202, `${where}/extension`, officer, { reason: 'Lô lớn' });
  await post(200, `${where}/extension`, head, { reason: 'Lô lớn' });
  await get(200, `${where}/timeline`, officer);
  const { json: told } = await get(200, where, trader);
  assert.deepEqual(told.proposals, []);
  assert.equal(told.decisions[0].reason, null);
});

test('decisions given to somebody else', async () => {
  const head = server.key({ role: 'branch_head', office: '15BB', name: 'lanh-dao-hai' });
  const other = server.key({ role: 'branch_head', office: '20BB', name: 'noi-khac' });
  const deputy = server.key({ role: 'officer', office: '15BB', name: 'canbo-ba' });
  const today = (await server.now()).slice(0, 10);
  const asked = { to: 'canbo-ba', verbs: ['channel'], from: today, until: today };
  await post(422, '/api/v1/delegations', head, { ...asked, to: 'nobody' });
  await post(422, '/api/v1/delegations', head, { ...asked, verbs: ['clearing'] });
  const { json: given } = await post(201, '/api/v1/delegations', head, asked, { idempotency: 'given' });
  assert.deepEqual((await post(201, '/api/v1/delegations', head, asked, { idempotency: 'given' })).json, given);
  await get(422, '/api/v1/delegations?state=x', head);
  assert.ok((await get(200, '/api/v1/delegations?limit=200', deputy)).json.items.some((one) => one.id === given.id));
  const { number } = await register();
  const ask = { to: 'RED', reason: 'Tin báo' };
  await post(202, `${D}/${number}/channel`, officer, ask);
  const { json: record } = await post(200, `${D}/${number}/channel`, deputy, ask);
  assert.equal(record.decisions[0].for, given.head);
  await post(404, `/api/v1/delegations/${given.id}/revocation`, other);
  await post(200, `/api/v1/delegations/${given.id}/revocation`, head);
  await post(409, `/api/v1/delegations/${given.id}/revocation`, head);
});

// ------------------------------------------------------------------ files, notices

test('files', async () => {
  const send = (status, name, body, more = {}) => post(status, `/api/v1/attachments?name=${name}`, trader, body, { headers: { 'Content-Type': 'text/plain', ...more } });
  const made = await send(201, 'ghi-chu.txt', 'xin chào');
  await send(415, 'a.pdf', 'xin chào');
  await send(422, 'a.txt', '');
  const got = await get(200, made.headers.location, trader);
  assert.equal(got.text, 'xin chào');
  await get(404, made.headers.location, agent);
  await get(404, '/api/v1/attachments/0', trader);
  await get(200, '/api/v1/attachments?subject=declaration/10000000001', officer);
  await get(422, '/api/v1/attachments', officer);
});

test('notices and webhooks', async () => {
  const notices = await until(async () => {
    const page = await get(200, '/api/v1/notices?unread=true&limit=1', trader);
    return page.json.items.length > 0 && page.json;
  }, 'a notice of the checks');
  await post(200, `/api/v1/notices/${notices.items[0].id}/read`, trader, {});
  await post(200, `/api/v1/notices:read?until=${notices.items[0].id}`, trader);
  await post(404, '/api/v1/notices/0/read', trader, {});
  await post(404, '/api/v1/notices:read?until=0', trader, {});
  await get(422, '/api/v1/notices?limit=0', trader);
  const hook = { url: 'http://127.0.0.1:9/nobody', kinds: ['declaration.registered'] };
  const made = await post(201, '/api/v1/webhooks', trader, hook);
  const bad = await post(422, '/api/v1/webhooks', trader, { url: 'ftp://x', kinds: ['declaration.registered', 'x'], knids: [] });
  assert.deepEqual(bad.json.errors.map((error) => error.path).sort(), ['/kinds/1', '/knids', '/url']);
  const where = `/api/v1/webhooks/${made.json.id}`;
  await get(200, where, trader);
  await get(404, where, agent);
  await post(200, `${where}/replay`, trader, { from: 1 });
  await post(422, `${where}/replay`, trader, { from: 0 });
  await post(404, '/api/v1/webhooks/0/replay', trader, { from: 1 });
  await remove(200, where, trader);
  await remove(404, '/api/v1/webhooks/0', trader);
  await post(409, `${where}/replay`, trader, { from: 1 });
  for (let i = 0; i < 20; i++) await api.call('POST', '/api/v1/webhooks', { key: agent, body: { ...hook, kinds: null } });
  await post(409, '/api/v1/webhooks', agent, hook);
  await get(200, '/api/v1/webhooks', agent);
});

// ------------------------------------------------------------------ journal, server

/** The events of a stream until one is at the head; the stream is closed. */
function events(key, target, head) {
  return new Promise((resolve, reject) => {
    const found = [];
    const request = http.get(`${server.base}${target}`, { headers: { Authorization: `Bearer ${key}` }, agent: false }, (answer) => {
      assert.equal(answer.statusCode, 200);
      assert.match(answer.headers['content-type'], /^text\/event-stream/);
      let text = '';
      answer.on('data', (data) => {
        text += data;
        const blocks = text.split('\n\n');
        text = blocks.pop();
        for (const block of blocks) {
          const line = block.split('\n').find((one) => one.startsWith('data: '));
          if (line) found.push(JSON.parse(line.slice(6)));
        }
        if (found.at(-1)?.position >= head) request.destroy();
      });
      answer.on('close', () => resolve(found));
    });
    request.on('error', (error) => (error.code === 'ECONNRESET' ? resolve(found) : reject(error)));
    setTimeout(() => request.destroy(), 10000).unref();
  });
}

test('events of the journal, as officers and as traders see them', async () => {
  const { number } = await register();
  const { json } = await get(200, `${D}/${number}/receipt?wait=2`, trader);
  for (const key of [officer, trader]) {
    const found = await events(key, '/api/v1/events?after=0', json.event.position);
    assert.ok(found.some((event) => event.subject === `declaration/${number.slice(0, 11)}`));
    for (const event of found) api.fits(event, { $ref: '#/components/schemas/Event' }, 'an event');
    if (key === officer) assert.ok(found.every((event) => event.actor));
  }
  api.seen.add('GET /api/v1/events 200');
  await get(422, '/api/v1/events?after=x', officer);
  await get(200, `/api/v1/journal/proofs/${json.event.position}?wait=5`, trader);
  await get(404, '/api/v1/journal/proofs/999999', trader);
  await get(200, '/api/v1/journal/checkpoint');
  await get(200, '/api/v1/journal/public-key');
});

test('the public page', async () => {
  const made = await register();
  const form = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, idempotency: null };
  await get(200, '/track?lang=vi');
  await get(200, `/track/${made.number}`);
  await get(404, `/track/${made.number}?code=AAAA-BBBB&lang=en`);
  await get(404, `/track?number=${made.number}&code=AAAA-BBBB`);
  await post(200, '/track', undefined, `number=${made.number}&code=${made.tracking_code}`, form);
  await post(404, '/track', undefined, `number=${made.number}&code=x`, form);
});

test('the server itself and the clock of tests', async () => {
  for (const target of ['/livez', '/readyz', '/metrics', '/api/openapi.yaml', '/trang.css']) await get(200, target);
  await post(200, '/api/v1/test/clock', server.admin, { set: await server.now() }, { idempotency: null });
  await post(200, '/api/v1/test/clock', server.admin, { advance: 'PT1S' });
  await post(422, '/api/v1/test/clock', server.admin, { advance: 'soon' });
});

test('what any route may answer', async () => {
  const bad = await post(400, D, trader, '{');
  assert.ok(bad.json.trace_id);
  assert.equal((await post(400, D, trader, importOf(), { idempotency: null })).json.code, 'KEY_MISSING');
  await post(413, D, trader, ' '.repeat(600 * 1024)).catch((error) => assert.ok(error.code, error));
  await post(415, D, trader, 'x', { headers: { 'Content-Type': 'text/plain' } });
  await post(201, D, trader, importOf(), { idempotency: 'twice' });
  assert.equal((await post(422, D, trader, importOf(), { idempotency: 'twice' })).json.code, 'KEY_REUSED');
});

// ------------------------------------------------------------------ 401 and 403 of every route

const ADMINISTER = { office: '15BB', tax_code: '9900000016', bank: 'VDB' };
const NEEDS = { declarant: ['tax_code'], bank: ['bank'], officer: ['office'], team_leader: ['office'], operator: ['office'] };

test('without sign-in 401, in the wrong role 403', async () => {
  const password = server.user({ username: 'khac', role: 'officer', office: '15BB', name: 'Khác' });
  const { Cookie } = await sessionOf(api, 'khac', password);
  for (const { node, method, path, name } of api.operations.filter((one) => one.node['x-roles'])) {
    const target = path.replace('/reference/{table}', '/reference/kinds').replaceAll(/\{\w+\}/g, '0');
    await api.must(401, method, target);
    if (!node.responses['403']) continue;
    const role = Object.keys(NEEDS).find((one) => node['x-roles'] !== 'all' && !node['x-roles'].includes(one));
    const key = role && server.key({ role, ...Object.fromEntries(NEEDS[role].map((what) => [what, ADMINISTER[what]])) });
    // Where every role may, a session without its CSRF header may not.
    const answer = await api.call(method, target, key ? { key } : { headers: { Cookie } });
    assert.equal(answer.status, 403, `${name}: ${answer.text}`);
  }
});

// ------------------------------------------------------------------ the demo

test('what the demo adds', async () => {
  const demo = new Server({ test: false, demo: false });
  await demo.up(['demo', '--db', demo.db, '--reset', '--listen', '127.0.0.1:0']);
  const there = new Described(demo, api.document);
  const { json } = await there.must(200, 'GET', '/api/v1/demo/personas');
  for (const { id } of json.items) await there.must(201, 'POST', '/api/v1/demo/sign-in', { body: { persona: id } });
  await there.must(404, 'POST', '/api/v1/demo/sign-in', { body: { persona: 'nobody' } });
  for (const one of there.seen) api.seen.add(one);
  await demo.stop();
  // Elsewhere there is nothing of it.
  assert.equal((await server.get('/api/v1/demo/personas')).status, 404);
});

// ------------------------------------------------------------------ the end

test('every answer of the document was seen', () => {
  const left = api.unseen().filter((one) => !OUT_OF_REACH.has(one));
  assert.deepEqual(left, []);
  for (const one of OUT_OF_REACH.keys()) assert.ok(api.unseen().includes(one), `${one} is in reach after all`);
});
