// SPDX-License-Identifier: Apache-2.0
// Papers as PDF: what stands in them as pdftotext reads it, the same bytes twice, the answer when there is none.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { start, importOf } = require('./harness.js');

let server;
let trader;
let record;
before(async () => {
  server = await start();
  trader = server.key({ role: 'declarant', tax_code: '9900000016' });
  record = (await server.post('/api/v1/declarations?mode=register', trader, importOf())).json;
});
after(() => server.stop());

const paper = async (number, name, lang = 'vi', key = trader) => {
  const answer = await fetch(`${server.base}/api/v1/declarations/${number}/papers/${name}?lang=${lang}`,
    { headers: { Authorization: `Bearer ${key}` } });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
};

const textOf = (bytes) => {
  const done = spawnSync('pdftotext', ['-layout', '-', '-'], { input: bytes, encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(done.status, 0, `pdftotext (package poppler-utils): ${done.error ?? done.stderr}`);
  return done.stdout.normalize('NFC');
};

test('the declaration prints in both languages, letter by letter', async () => {
  const vi = await paper(record.number, 'declaration');
  assert.equal(vi.status, 200, vi.bytes.toString());
  assert.equal(vi.headers.get('content-type'), 'application/pdf');
  assert.match(vi.headers.get('content-disposition'), new RegExp(`${record.number}-declaration\\.pdf`));
  const text = textOf(vi.bytes);
  for (const word of ['TỜ KHAI HÀNG HÓA NHẬP KHẨU', 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', `Số ${record.number}`,
    'Công ty TNHH Ví dụ An Bình', 'Van bằng thép không gỉ', '84818099', '61.500 USD', 'Thuế giá trị gia tăng']) {
    assert.ok(text.includes(word), `${word} is not in\n${text}`);
  }
  const grouped = String(record.assessment.total_payable).replace(/\B(?=(\d{3})+$)/g, '.');
  assert.ok(text.includes(grouped), grouped);
  const en = textOf((await paper(record.number, 'declaration', 'en')).bytes);
  assert.match(en, /IMPORT DECLARATION/);
  assert.match(en, /61,500 USD/);
});

test('the same record gives the same bytes twice', async () => {
  const a = await paper(record.number, 'declaration');
  await server.advance('PT1H');
  const b = await paper(record.number, 'declaration');
  assert.ok(a.bytes.equals(b.bytes));
  assert.equal(a.headers.get('etag'), b.headers.get('etag'));
});

test('a tax notice says base, rate and source of each amount', async () => {
  const text = textOf((await paper(record.number, 'receipt')).bytes);
  assert.match(text, /Còn phải nộp/);
  assert.match(text, /Cách tính theo từng dòng hàng/);
});

test('a paper that cannot be there yet says why', async () => {
  assert.equal(record.status, 'AWAITING_TAX');
  for (const name of ['pass-list', 'inspection', 'instructions']) {
    const answer = await paper(record.number, name);
    assert.equal(answer.status, 409, name);
    assert.match(JSON.parse(answer.bytes).detail ?? answer.bytes.toString(), /./);
  }
  const waiting = (await server.post('/api/v1/declarations', trader, importOf())).json;
  assert.equal((await paper(waiting.number, 'declaration')).status, 200);
  assert.equal((await paper(waiting.number, 'receipt')).status, 409);
});

test('the pass list carries its code once the goods may pass', async () => {
  const bank = server.key({ role: 'bank', bank: 'VCB' });
  const paid = await server.post('/api/v1/payments', bank, {
    bank: 'VCB', reference: 'P1', debited_at: await server.now(), payer_tax_code: '9900000016',
    lines: record.assessment.taxes.filter((t) => t.amount > 0)
      .map((t) => ({ declaration: record.number, tax: t.tax, amount: t.amount })) });
  assert.equal(paid.status, 201, paid.text);
  const list = await paper(record.number, 'pass-list');
  assert.equal(list.status, 200, list.bytes.toString());
  assert.match(textOf(list.bytes), /[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}/);
  assert.match(textOf((await paper(record.number, 'pass-list', 'en')).bytes), /MAY PASS/);
});

test('who may not see the declaration has no paper of it, and there are no others', async () => {
  const stranger = server.key({ role: 'declarant', tax_code: '9900000023' });
  assert.equal((await paper(record.number, 'declaration', 'vi', stranger)).status, 404);
  assert.equal((await paper(record.number, 'passport')).status, 404);
  assert.equal((await paper(record.number, 'declaration', 'fr')).status, 422);
});
