// SPDX-License-Identifier: Apache-2.0
// Files of many declarations: XLSX and NDJSON in, a result a declaration, each pointing to its cell.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { start, importOf, until } = require('./harness.js');
const { zip, unzip, parts, sheetXml, workbook, letters } = require('./xlsx.js');

const U = '/api/v1/uploads';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
let server;
let trader;
before(async () => {
  server = await start();
  trader = server.key({ role: 'declarant', tax_code: '9900000016', name: 'trader' });
});
after(async () => {
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out + journal.err);
  await server.stop();
});

const upload = (body, { mode = 'register', type = XLSX, key = trader, ...options } = {}) =>
  server.post(`${U}?mode=${mode}`, key, body, { headers: { 'Content-Type': type }, ...options });

/** Columns of a declaration and the cells of one row for each of its lines. */
const yesterday = new Date(Date.now() - 17 * 3600e3).toISOString().slice(0, 10);
const serial = (day) => Math.round(Date.parse(`${day}T00:00:00Z`) / 86400e3) + 25569;
const columns = ['reference', 'flow', 'kind', 'office', 'transport_mode', 'parties', 'importer.tax_code', 'importer.name', 'importer.address',
  'exporter.name', 'exporter.address', 'exporter.country', 'bills', 'packages.count', 'packages.unit', 'gross_weight.amount', 'gross_weight.unit',
  'storage_place', 'conveyance', 'arrival_date', 'loading_place', 'unloading_place', 'invoice.number', 'invoice.date', 'invoice.payment_method',
  'invoice.price_kind', 'invoice.incoterm', 'invoice.currency', 'invoice.total', 'valuation.method', 'payment.term',
  'lines.hs', 'lines.description', 'lines.origin', 'lines.scheme', 'lines.quantity.amount', 'lines.quantity.unit', 'lines.unit_price', 'lines.invoice_value'];
const at = (name) => columns.indexOf(name);
const cell = (name, row) => `${letters(at(name) + 1)}${row}`;
const header = (reference, total = '61500.00') => [reference, 'import', 'A11', '15BB', '4', '4', '9900000016', 'Công ty TNHH Ví dụ An Bình', 'Số 1, đường Ví dụ',
  'Example Valve Works', '1 Sample Road', 'CN', 'VD0001', { n: 120 }, 'CT', { n: '12340.5' }, 'KGM',
  '15BBC01', '12C-12345', { date: serial(yesterday) }, 'CNPIN', 'VNHNG', 'INV-1', yesterday, 'TTR', 'A', 'CIF', 'USD', total, '6', 'D'];
const goods = ['84818099', 'Van bằng thép không gỉ', 'CN', 'B01', { n: 1000 }, 'PCE', { n: '61.5' }, { n: '61500' }];
const half = ['84818099', 'Van bằng thép không gỉ', 'CN', 'B01', { n: 500 }, 'PCE', { n: '61.5' }, { n: '30750' }];
const row = (reference, changes = {}) => {
  const cells = [...header(reference), ...goods];
  for (const [name, value] of Object.entries(changes)) cells[at(name)] = value;
  return cells;
};
/** The second row of a declaration: nothing but the reference and the line. */
const more = (reference, line) => [reference, ...Array(header('').length - 1).fill(undefined), ...line];

let counter = 0;
const fresh = (prefix = 'UP') => `${prefix}${String(++counter).padStart(5, '0')}`;

test('rows with one reference are one declaration, filed like any other', async () => {
  const [a, b] = [fresh(), fresh()];
  const twice = [...header(a), ...half];
  const answer = await upload(workbook([['Tờ khai của tháng'], columns, twice, more(a, half), row(b)]));
  assert.equal(answer.status, 201, answer.text);
  const { rows, filed, refused, state, mode, format, id, declarations, done } = answer.json;
  assert.deepEqual([filed, refused, state, mode, format, declarations, done], [2, 0, 'DONE', 'register', 'xlsx', 2, 2]);
  assert.deepEqual(Object.keys(rows[0]), ['row', 'reference', 'number', 'status', 'channel', 'total_payable', 'errors', 'findings']);
  assert.deepEqual(rows.map((one) => [one.row, one.reference, one.status]), [[3, a, 'AWAITING_TAX'], [5, b, 'AWAITING_TAX']]);
  const { json: record } = await server.get(`/api/v1/declarations/${rows[0].number}`, trader);
  assert.equal(record.declaration.lines.length, 2);
  assert.equal(record.declaration.arrival_date, yesterday);
  assert.equal(record.declaration.packages.count, 120);
  // The same declaration filed by itself.
  const alone = await server.post('/api/v1/declarations?mode=dry_run', trader, importOf(), { idempotency: null });
  assert.equal(rows[1].total_payable, alone.json.assessment.total_payable);
  assert.equal(answer.headers.location, `${U}/${id}`);
  const again = await server.get(`${U}/${id}`, trader);
  assert.deepEqual(again.json, answer.json);
});

test('findings point to the cell, and the other declarations are filed', async () => {
  const [a, b, c] = [fresh(), fresh(), fresh()];
  const answer = await upload(workbook([columns,
    row(a, { 'lines.hs': '8481', 'invoice.incoterm': undefined, 'invoice.currency': 'XXQ' }),
    row(b),
    row(c, { 'lines.quantity.amount': 'many' })]));
  assert.equal(answer.status, 201, answer.text);
  const [first, second, third] = answer.json.rows;
  assert.deepEqual([answer.json.filed, answer.json.refused], [1, 2]);
  const cells = Object.fromEntries(first.errors.map((one) => [one.path, one.cell]));
  assert.equal(cells['/lines/0/hs'], cell('lines.hs', 2), JSON.stringify(first.errors));
  assert.equal(cells['/invoice/incoterm'], cell('invoice.incoterm', 2), 'an empty cell that must be filled');
  assert.equal(first.number, null);
  assert.equal(second.status, 'AWAITING_TAX');
  assert.deepEqual(third.errors.map((one) => one.cell), [cell('lines.quantity.amount', 4)]);
  assert.deepEqual(Object.keys(third.errors[0]), ['rule', 'severity', 'path', 'cell', 'value', 'text']);
  assert.equal(third.errors[0].value, 'many');
});

test('a dry run files nothing and needs no key', async () => {
  const a = fresh();
  const answer = await upload(workbook([columns, row(a)]), { mode: 'dry_run', idempotency: null });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual([answer.json.id, answer.json.filed, answer.json.rows[0].number, answer.json.rows[0].status], [null, 1, null, null]);
  assert.ok(answer.json.rows[0].total_payable > 0);
  const { json } = await server.get(`/api/v1/declarations?q=${a}`, trader);
  assert.deepEqual(json.items, []);
});

test('the same key gives the same result and files nothing twice', async () => {
  const body = workbook([columns, row(fresh()), row(fresh(), { 'lines.hs': 'x' })]);
  const idempotency = crypto.randomUUID();
  const first = await upload(body, { idempotency });
  const second = await upload(body, { idempotency });
  assert.equal(second.status, 201);
  assert.equal(second.text, first.text);
  const other = await upload(workbook([columns, row(fresh())]), { idempotency });
  assert.equal(other.status, 422);
  assert.equal(other.json.code, 'KEY_REUSED');
  const none = await upload(body, { idempotency: null });
  assert.equal(none.status, 400);
});

test('NDJSON: a declaration a line', async () => {
  const [a, b] = [importOf({ reference: fresh() }), importOf({ reference: fresh(), office: 'NONE' })];
  const body = [JSON.stringify(a), '', '{broken', JSON.stringify(b), JSON.stringify(a)].join('\n');
  const answer = await upload(body, { type: 'application/x-ndjson', mode: 'preregister' });
  assert.equal(answer.status, 201, answer.text);
  const { rows } = answer.json;
  assert.deepEqual(rows.map((one) => [one.row, one.status]), [[1, 'PREREGISTERED'], [3, null], [4, null], [5, null]]);
  assert.equal(rows[1].errors[0].rule, 'HQ323');
  assert.equal(rows[2].errors[0].path, '/office');
  assert.equal(rows[2].errors[0].cell, null);
  assert.equal(rows[3].errors[0].rule, 'HQ386', 'the same reference twice in a file');
});

test('one may file for oneself only', async () => {
  const answer = await upload(workbook([columns, row(fresh(), { 'importer.tax_code': '9900000023' })]));
  assert.deepEqual([answer.json.filed, answer.json.rows[0].errors[0].rule, answer.json.rows[0].errors[0].cell], [0, 'HQ387', cell('importer.tax_code', 2)]);
});

test('formulas, merged cells, errors and numbers of too many digits are refused with their address', async () => {
  const [a, b, c, d, e] = [fresh(), fresh(), fresh(), fresh(), fresh()];
  const answer = await upload(workbook([columns,
    row(a, { 'lines.invoice_value': { f: 'AJ2*AL2', n: 61500 } }),
    row(b, { 'invoice.total': { e: '#REF!' } }),
    row(c, { 'lines.unit_price': { n: '61.500000000000007123' } }),
    row(d), row(e)], { after: `<mergeCells count="1"><mergeCell ref="B5:C5"/></mergeCells>` }));
  assert.equal(answer.status, 201, answer.text);
  const { rows, filed } = answer.json;
  assert.equal(filed, 2, JSON.stringify(rows));
  assert.deepEqual(rows[0].errors.map((one) => [one.rule, one.cell]), [['HQ380', cell('lines.invoice_value', 2)]]);
  assert.match(rows[0].errors[0].text.en, new RegExp(`Cell ${cell('lines.invoice_value', 2)} has a formula`));
  assert.deepEqual(rows[1].errors.map((one) => [one.rule, one.cell]), [['HQ381', cell('invoice.total', 3)]]);
  assert.equal(rows[2].status, 'AWAITING_TAX', 'noise of binary fractions is no digit');
  assert.deepEqual(rows[3].errors.map((one) => one.rule), ['HQ383']);
  assert.match(rows[3].errors[0].text.en, /B5:C5/);
  const inexact = await upload(workbook([columns, row(fresh(), { 'invoice.total': { n: '1234567890123.4567' } })]));
  assert.deepEqual(inexact.json.rows[0].errors.map((one) => [one.rule, one.cell]), [['HQ382', cell('invoice.total', 2)]]);
});

test('what is common to a declaration may not differ, and each row needs its reference', async () => {
  const a = fresh();
  const second = more(a, half);
  second[at('office')] = '15BC';
  const answer = await upload(workbook([columns, [...header(a), ...half], second, more(undefined, half)]));
  const [first, nameless] = answer.json.rows;
  assert.deepEqual([first.errors[0].rule, first.errors[0].path], ['HQ384', '/office']);
  assert.match(first.errors[0].text.en, new RegExp(`${cell('office', 3)} differs from ${cell('office', 2)}`));
  assert.deepEqual([nameless.reference, nameless.row], [null, 4]);
  assert.ok(nameless.errors.some((one) => one.rule === 'HQ385'));
});

const refused = async (body, status, pattern, options = {}) => {
  const answer = await upload(body, options);
  assert.equal(answer.status, status, answer.text);
  const said = `${answer.json.detail ?? ''} ${JSON.stringify(answer.json.errors ?? [])}`;
  assert.match(said, pattern);
  return answer;
};

test('a table that cannot be understood files nothing and says where', async () => {
  await refused(workbook([['a', 'b'], ['c']]), 422, /HQ388/);
  const slip = [...columns];
  slip[at('lines.hs')] = 'lines.hscode';
  await refused(workbook([slip, row(fresh())]), 422, /HQ389.*lines\.hs/);
  await refused(workbook([[...columns, 'kind'], row(fresh())]), 422, /HQ390/);
  await refused(workbook([columns, [...row(fresh()), 'stray']]), 422, new RegExp(`HQ391.*${letters(columns.length + 1)}2`));
  await refused(workbook([columns]), 422, /HQ393/);
  await refused(workbook([columns.slice(1), row(fresh()).slice(1)]), 422, /HQ395/);
  await refused(workbook([columns, ...Array.from({ length: 2001 }, () => [fresh()])]), 422, /HQ392.*2000/);
  const sheet = (name, state) => ({ name, state, xml: sheetXml([columns, row(fresh())]) });
  await refused(zip(parts([sheet('One'), sheet('Two')])), 422, /HQ394.*One, Two/);
  await refused(zip(parts([sheet('declarations', 'hidden')])), 422, /HQ394.*hidden/);
  const beside = await upload(zip(parts([sheet('Notes'), sheet('Declarations')])));
  assert.equal(beside.json.filed, 1, 'the sheet of that name among others');
});

test('files that are no workbook, carry macros or passwords, or swell, are refused precisely', async () => {
  const good = parts([{ name: 'declarations', xml: sheetXml([columns, row(fresh())]) }]);
  await refused(Buffer.from('%PDF-1.4'), 415, /no XLSX/);
  await refused(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0]), 415, /password/);
  await refused(zip({ ...good, 'xl/vbaProject.bin': 'x' }), 415, /macros/);
  await refused(zip(parts([{ name: 'a', xml: sheetXml([]) }], { type: 'application/vnd.ms-excel.sheet.macroEnabled.main+xml' })), 415, /macros/);
  await refused(zip(good, { flags: 1 }), 415, /password/);
  await refused(zip(good).subarray(0, 900), 400, /damaged/);
  await refused(zip({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet' }), 415, /no XLSX/);
  await refused(zip({ 'inner.zip': zip(good) }), 415, /no XLSX/);
  const bomb = { ...good, 'xl/worksheets/sheet1.xml': Buffer.concat([Buffer.from('<worksheet><sheetData>'), Buffer.alloc(257 << 20, 0x20)]) };
  await refused(zip(bomb), 413, /256 MiB/);
  await refused(zip({ ...good, 'xl/worksheets/sheet1.xml': `<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData/></worksheet>` }), 400, /DOCTYPE/);
  await refused(zip({ ...good, 'xl/worksheets/sheet1.xml': `<worksheet ${'a="b" '.repeat(2)}/>` }), 400, /XML/);
  await refused(zip({ ...good, 'xl/worksheets/sheet1.xml': `${'<a>'.repeat(80)}${'</a>'.repeat(80)}` }), 413, /deeper than 64/);
  await refused(Buffer.from('{}'), 415, /NDJSON/, { type: 'application/json' });
  await refused(Buffer.alloc((32 << 20) + 1, 0x50), 413, /32 MiB/);
});

test('a million rows are refused with the limit', async () => {
  const rows = ['<worksheet><sheetData><row r="1">'];
  columns.forEach((name, i) => rows.push(`<c r="${letters(i + 1)}1" t="inlineStr"><is><t>${name}</t></is></c>`));
  rows.push('</row>');
  const reference = fresh();
  for (let i = 2; i <= 1000001; i++) rows.push(`<row r="${i}"><c r="A${i}" t="inlineStr"><is><t>${reference}</t></is></c></row>`);
  rows.push('</sheetData></worksheet>');
  const body = zip({ ...parts([{ name: 'declarations', xml: '' }]), 'xl/worksheets/sheet1.xml': rows.join('') });
  await refused(body, 413, /more than 100000 rows/);
  // Rows that hold nothing are nothing.
  const empty = `<worksheet><sheetData>${sheetXml([columns, row(fresh())]).match(/<row.*<\/row>/)[0]}${
    Array.from({ length: 200000 }, (_, i) => `<row r="${i + 3}"><c r="A${i + 3}"/></row>`).join('')}</sheetData></worksheet>`;
  const answer = await upload(zip({ ...parts([{ name: 'declarations', xml: '' }]), 'xl/worksheets/sheet1.xml': empty }), { mode: 'dry_run' });
  assert.equal(answer.json.filed, 1, answer.text);
});

const bytesOf = async (target, key) => {
  const answer = await fetch(`${server.base}${target}`, { headers: { Authorization: `Bearer ${key}` } });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
};

test('the template has every column in both languages, and what it says is read', async () => {
  const vi = await bytesOf(`${U}/template.xlsx?lang=vi`, trader);
  assert.equal(vi.status, 200);
  assert.equal(vi.headers.get('content-type'), XLSX);
  const archive = unzip(vi.bytes);
  const strings = archive['xl/sharedStrings.xml'].toString();
  for (const wanted of ['lines.hs', 'permits.5.number', 'valuation.adjustments.5.lines', 'bonded_transport.transits.3.place', 'Mã HS', 'HS code', '15BB', 'CIF', 'Hướng dẫn']) {
    assert.ok(strings.includes(`>${wanted}<`) || archive['xl/workbook.xml'].toString().includes(wanted), wanted);
  }
  assert.deepEqual((await bytesOf(`${U}/template.xlsx?lang=vi`, trader)).bytes, vi.bytes, 'the same bytes twice');
  const untouched = await upload(vi.bytes);
  assert.match(JSON.stringify(untouched.json.errors), /HQ393/, 'a template without declarations is read, and has none');
  assert.equal((await bytesOf(`${U}/template.xlsx?lang=fr`, trader)).status, 422);
});

test('the result is a workbook too; it is its enterprise\'s alone', async () => {
  const answer = await upload(workbook([columns, row(fresh()), row(fresh(), { 'lines.hs': 'x' })]));
  const { id } = answer.json;
  const book = await bytesOf(`${U}/${id}/result.xlsx?lang=en`, trader);
  assert.equal(book.status, 200);
  const strings = unzip(book.bytes)['xl/sharedStrings.xml'].toString();
  for (const wanted of [answer.json.rows[0].number, answer.json.rows[1].reference, cell('lines.hs', 3)]) assert.ok(strings.includes(wanted), wanted);
  const colleague = server.key({ role: 'declarant', tax_code: '9900000016', name: 'colleague' });
  const stranger = server.key({ role: 'declarant', tax_code: '9900000023', name: 'stranger' });
  assert.equal((await server.get(`${U}/${id}`, colleague)).status, 200);
  assert.equal((await server.get(`${U}/${id}`, stranger)).status, 404);
  assert.equal((await server.get(`${U}/${id}/result.xlsx`, stranger)).status, 404);
  assert.equal((await server.get(`${U}/${id}`, server.key({ role: 'officer', office: '15BB' }))).status, 403);
  const { json: whole } = await server.get(U, trader);
  assert.ok(whole.items.some((one) => one.id === id) && whole.next === null);
  const { json: first } = await server.get(`${U}?limit=1`, trader);
  const { json: second } = await server.get(`${U}?limit=1&cursor=${first.next}`, trader);
  assert.deepEqual([first.items[0], second.items[0]], whole.items.slice(0, 2));
  assert.deepEqual((await server.get(U, stranger)).json.items, []);
});

test('a kill half-way: the same file goes on where it stopped', async () => {
  const name = fresh('KILL');
  const references = Array.from({ length: 1500 }, (_, i) => `${name}N${String(i).padStart(4, '0')}`);
  const body = workbook([columns, ...references.map((one) => row(one))]);
  const idempotency = crypto.randomUUID();
  const first = upload(body, { idempotency }).catch(() => null);
  await until(async () => (await server.get(`/api/v1/declarations?q=${name}N0030`, trader)).json.items.length > 0, 'the first are filed');
  await server.down('SIGKILL');
  await first;
  await server.up();
  const { json: { items } } = await server.get(U, trader);
  const [interrupted] = items.filter((one) => one.state === 'INTERRUPTED');
  assert.ok(interrupted, 'the kill came too late to interrupt anything');
  const second = await upload(body, { idempotency });
  assert.equal(second.status, 201, second.text);
  assert.equal(second.json.id, interrupted.id);
  assert.deepEqual([second.json.filed, second.json.refused], [1500, 0]);
  assert.equal(new Set(second.json.rows.map((one) => one.number)).size, 1500);
  const { json: once } = await server.get(`/api/v1/declarations?q=${name}N0007`, trader);
  assert.equal(once.items.filter((one) => one.reference === `${name}N0007`).length, 1);
});
