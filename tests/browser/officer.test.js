// SPDX-License-Identifier: Apache-2.0
// What was stopped is checked by the officer it was drawn to.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { office, person, close, stopFruit, importOf } = require('./harness.js');

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
const matches = () => importOf({ lines: [{ ...importOf().lines[0], hs: '36050000', description: 'Diêm hộp', quantity: { amount: '1000.00', unit: 'KGM' } }] });

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
    lines: debts.map(({ declaration, tax, amount }) => ({ declaration, tax, amount })),
  });
  assert.equal(answer.status, 201, answer.text);
}

test('yellow: documents complete, confirmed, checked, and cleared once paid', async () => {
  const number = await file(fruit());
  await payAll(number);
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go(`/declarations/${number}`);
  await trader.status('DOCUMENT_CHECK');
  await trader.page.waitForSelector('.page-head [data-channel=YELLOW]');
  assert.equal(await trader.page.locator('#h-decision').count(), 0, 'reasons of the channel are not for the trader');
  await trader.page.click('.next button:has-text("Hồ sơ đã đủ")');
  await trader.page.waitForSelector('.next .due');

  const officer = await (await person(server.base)).signIn('officer');
  // His work is what he sees first; the keyboard opens it.
  await officer.page.locator(`a.open:has-text("${number}")`).waitFor();
  await officer.page.keyboard.press('j');
  await officer.page.keyboard.press('Enter');
  await officer.status('DOCUMENT_CHECK');
  await officer.page.click('button:has-text("Xem lý do")');
  await officer.page.locator('section', { hasText: 'Kiểm dịch thực vật' }).first().waitFor();
  await officer.page.click('.next button:has-text("Xác nhận đủ hồ sơ")');
  await officer.page.locator('ol .tag.good').first().waitFor();
  await officer.page.click('label.choice:has-text("Phù hợp")');
  await officer.page.fill('form textarea', 'Hồ sơ đầy đủ');
  await officer.page.click('form button.main:has-text("Ghi kết quả")');
  await officer.status('CLEARED');
  await trader.status('CLEARED');
  await officer.leave();
  await trader.leave();
});

test('red: a discrepancy keeps it, a satisfactory check of the goods lets it go on to the tax', async () => {
  const number = await file(matches());
  const officer = await (await person(server.base)).signIn('officer');
  await officer.go(`/declarations/${number}`);
  await officer.page.click('label.choice:has-text("Phù hợp")');
  await officer.page.click('form button.main:has-text("Ghi kết quả")');
  await officer.status('GOODS_CHECK');
  await officer.page.click('label.choice:has-text("Có sai khác")');
  await officer.page.fill('form td input', 'Thiếu 2 thùng');
  await officer.page.fill('form textarea', 'Thiếu hàng so với khai');
  await officer.page.click('form button.main:has-text("Ghi kết quả")');
  await officer.page.locator('ol .tag.warn', { hasText: 'Có sai khác' }).waitFor();
  await officer.page.waitForSelector('.page-head [data-status=GOODS_CHECK]');
  await officer.page.click('label.choice:has-text("Phù hợp")');
  await officer.page.click('form button.main:has-text("Ghi kết quả")');
  await officer.status('AWAITING_TAX');
  await officer.leave();
});

test('the team leader sees what is under check and names an officer with a reason', async () => {
  const number = await file(fruit());
  const leader = await (await person(server.base)).signIn('leader');
  const row = leader.page.locator('tr', { hasText: number });
  await row.waitFor();
  assert.match(await row.innerText(), /Công chức Một/);
  await row.locator('button').click();
  const dialog = leader.page.locator('dialog[open]');
  await dialog.locator('input[value=named]').check();
  await dialog.locator('select').selectOption({ label: 'Công chức Một' });
  await dialog.locator('textarea').fill('Đã kiểm tra lô trước');
  await leader.accessible('the dialog of assignment');
  await dialog.locator('button.main').click();
  await dialog.waitFor({ state: 'detached' }).catch(() => undefined);
  await leader.go(`/declarations/${number}`);
  assert.match(await leader.text('ol'), /Phân công công chức[\s\S]*Công chức Một/);
  await leader.leave();
});
