// SPDX-License-Identifier: Apache-2.0
// A broker's day, an officer's day and a head's day, each before a browser of his own.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { office, person, close, stopFruit, importOf, until } = require('./harness.js');

let server;
let key;
before(async () => {
  server = await office();
  await stopFruit(server);
  key = server.key({ role: 'declarant', tax_code: '9900000016' });
});
after(async () => {
  await close();
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out);
  await server.stop();
});

const fruit = () => importOf({ lines: [{ ...importOf().lines[0], hs: '08052100', description: 'Quả quýt tươi', quantity: { amount: '1000.00', unit: 'KGM' } }] });
const PDF = Buffer.from('%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n');

async function file(body) {
  const answer = await server.post('/api/v1/declarations?mode=register', key, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.json.number;
}
async function payAll(number) {
  const bank = server.key({ role: 'bank', bank: 'VDB' });
  const debts = (await server.get(`/api/v1/debts?declaration=${number}`, bank)).json.items;
  if (debts.length === 0) return;
  const answer = await server.post('/api/v1/payments', bank, {
    bank: 'VDB', reference: `R${number}`, debited_at: new Date().toISOString(), payer_tax_code: '9900000016',
    lines: debts.map(({ declaration, tax, amount, interest }) => ({ declaration, tax, amount: amount + interest })),
  });
  assert.equal(answer.status, 201, answer.text);
}

test("a broker's day: file, fix, register, answer with an attachment, amend, print the pass list", async () => {
  const broker = await (await person(server.base)).signIn('trader');
  const { page } = broker;

  // Yesterday's declaration is copied; a fault is found by the dry run and fixed.
  const model = await file(importOf({ lines: fruit().lines }));
  await broker.go(`/declarations/${model}`);
  await page.click('a.button:has-text("Sao chép thành tờ mới")');
  await broker.box('/invoice/number').waitFor();
  await until(async () => (await broker.box('/invoice/number').inputValue()) === 'INV-1', 'the copy in the form');
  await broker.box('/invoice/number').fill('INV-DAY');
  await broker.box('/invoice/currency').fill('XYZ');
  await broker.box('/invoice/currency').press('Tab');
  await page.waitForSelector('[data-path="/invoice/currency"][aria-invalid=true]');
  await broker.box('/invoice/currency').fill('USD');
  await page.waitForSelector('[data-path="/invoice/currency"]:not([aria-invalid])');
  await page.keyboard.press('Control+Enter');
  await broker.status('PREREGISTERED');
  const number = page.url().match(/\d{12}/)[0];
  await page.click('.next button.main:has-text("Đăng ký")');
  await broker.status('DOCUMENT_CHECK');
  await page.click('.next button:has-text("Hồ sơ đã đủ")');
  await page.waitForSelector('.next .due');

  // Customs asks; the page says so by itself, and he answers with a file.
  const officer = await (await person(server.base)).signIn('officer');
  await officer.go(`/declarations/${number}`);
  await officer.act('Yêu cầu người khai');
  await officer.field('/kind').selectOption('SUPPLEMENT');
  await officer.field('/text').fill('Bổ sung chứng nhận xuất xứ');
  await officer.field('/lines').fill('7');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.waitForSelector('form [data-path="/lines"][aria-invalid=true]');
  await officer.accessible('a form with a fault');
  await officer.field('/lines').fill('1');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.locator('#instructions [data-state=OPEN]').waitFor();

  await page.locator('#instructions [data-state=OPEN]').waitFor();
  await page.click('#instructions button:has-text("Trả lời")');
  await broker.field('/text').fill('Gửi bổ sung mẫu');
  // Half typed is kept.
  await page.reload();
  await page.locator('#instructions button:has-text("Trả lời")').click();
  assert.equal(await broker.field('/text').inputValue(), 'Gửi bổ sung mẫu');
  await page.locator('#instructions select').selectOption('ORIGIN');
  await page.locator('#instructions input[type=file]').setInputFiles({ name: 'xuat-xu.pdf', mimeType: 'application/pdf', buffer: PDF });
  await page.locator('#instructions .files input:checked').waitFor();
  await broker.accessible('the answer to an instruction');
  await broker.picture('broker-answer');
  await page.locator('#instructions form button.main').click();
  await page.locator('#instructions [data-state=ANSWERED]').waitFor();
  await page.locator('#attachments a:has-text("xuat-xu.pdf")').waitFor();

  await officer.page.locator('#instructions [data-state=ANSWERED]').waitFor();
  await officer.page.click('#instructions button:has-text("Kết thúc")');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.locator('#instructions [data-state=CLOSED]').waitFor();

  // He counted wrong: an amendment, line by line, that the officer accepts.
  await page.click('.next a:has-text("Khai bổ sung")');
  await until(async () => (await broker.box('/lines/0/quantity/amount').inputValue().catch(() => '')) !== '', 'the content in the form');
  for (const [pointer, text] of [['/lines/0/quantity/amount', '1200'], ['/lines/0/invoice_value', '73800'], ['/invoice/total', '73800']]) {
    // A box marks all of itself a moment after it gets the cursor.
    await broker.box(pointer).focus();
    await page.waitForTimeout(100);
    await broker.box(pointer).fill(text);
  }
  await page.locator('.changes li', { hasText: '73.800' }).first().waitFor();
  await page.locator('aside [data-path="/reason_code"]').selectOption('5');
  await page.locator('aside [data-path="/reason"]').fill('Đếm thiếu');
  await broker.accessible('the form of an amendment');
  await broker.picture('broker-amend');
  await page.click('aside button.main');
  await page.locator('#amendments [data-state=REQUESTED]').waitFor();
  await officer.page.locator('#amendments [data-state=REQUESTED]').waitFor();
  assert.match(await officer.text('#amendments table'), /1\.000[\s\S]*1\.200/);
  await officer.picture('officer-amendment');
  await officer.page.click('#amendments button.main');
  await officer.page.keyboard.press('Control+Enter');
  await officer.page.locator('#amendments [data-state=ACCEPTED]').waitFor();
  await page.locator('#amendments [data-state=ACCEPTED]').waitFor();

  // Checked, paid, cleared: the pass list is a paper.
  await officer.page.click('label.choice:has-text("Phù hợp")');
  await officer.page.click('form button.main:has-text("Ghi kết quả")');
  await officer.status('AWAITING_TAX');
  await payAll(number);
  await broker.status('CLEARED');
  const href = await page.locator('a:has-text("Danh sách qua khu vực giám sát")').getAttribute('href');
  const paper = await page.evaluate(async (url) => {
    const answer = await fetch(url);
    return { status: answer.status, type: answer.headers.get('Content-Type'), begins: (await answer.text()).slice(0, 5) };
  }, href);
  assert.deepEqual(paper, { status: 200, type: 'application/pdf', begins: '%PDF-' });
  await broker.accessible('a declaration with a past');
  await broker.fits('a declaration with a past');
  await broker.picture('broker-cleared');
  await officer.leave();
  await broker.leave();
});
