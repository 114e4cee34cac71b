// SPDX-License-Identifier: Apache-2.0
// Lists: found without accents, state in the address, pages by cursor, rows by keyboard, live.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { office, person, close, importOf, until } = require('./harness.js');

let server;
let key;
before(async () => {
  server = await office();
  key = server.key({ role: 'declarant', tax_code: '9900000016' });
  for (let i = 0; i < 55; i++) {
    const line = { ...importOf().lines[0], description: i === 7 ? 'Đồng hồ đo áp suất Đồng Đăng' : `Van số ${i}` };
    const answer = await server.post(`/api/v1/declarations${i % 2 ? '?mode=register' : ''}`, key, importOf({ lines: [line] }));
    assert.equal(answer.status, 201, answer.text);
  }
});
after(async () => {
  await close();
  await server.stop();
});

const rows = (who) => who.page.locator('tbody a.open').count();

test('words without accents find words with them, and the address keeps the question', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await until(async () => (await rows(trader)) === 50, 'the first page');
  await trader.page.fill('#list-q', 'dong ho dong dang');
  await until(async () => (await rows(trader)) === 1, 'the one that matches');
  assert.equal(new URL(trader.page.url()).searchParams.get('q'), 'dong ho dong dang');
  await trader.page.selectOption('select >> nth=0', 'PREREGISTERED');
  await trader.page.locator('.empty').waitFor();
  await trader.page.reload();
  await trader.page.locator('.empty').waitFor();
  assert.equal(await trader.page.inputValue('#list-q'), 'dong ho dong dang');
  await trader.page.click('button.clear');
  await until(async () => (await rows(trader)) === 50, 'all again');
  await trader.leave();
});

test('the next page is added by cursor, rows are walked by keyboard', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await until(async () => (await rows(trader)) === 50, 'the first page');
  await trader.page.click('.more button');
  await until(async () => (await rows(trader)) === 55, 'the rest');
  const here = () => trader.page.evaluate(() => document.activeElement?.textContent);
  const numbers = await trader.page.locator('tbody a.open').allInnerTexts();
  assert.equal(new Set(numbers).size, 55);
  await trader.page.keyboard.press('j');
  assert.equal(await here(), numbers[0]);
  await trader.page.keyboard.press('j');
  await trader.page.keyboard.press('k');
  await trader.page.keyboard.press('j');
  assert.equal(await here(), numbers[1]);
  await trader.page.keyboard.press('Enter');
  await until(() => trader.page.url().endsWith(`/declarations/${numbers[1]}`), 'the record');
  await trader.page.goBack();
  await until(async () => (await rows(trader)) > 0, 'the list again');
  await trader.leave();
});

test('a new declaration appears without asking; Ctrl+K goes to a number', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await until(async () => (await rows(trader)) === 50, 'the first page');
  const made = (await server.post('/api/v1/declarations', key, importOf())).json.number;
  await trader.page.locator(`a.open:has-text("${made}")`).waitFor({ timeout: 60000 });
  await trader.page.keyboard.press('Control+k');
  await trader.page.keyboard.type(made);
  await trader.page.keyboard.press('Enter');
  await trader.status('PREREGISTERED');
  await trader.leave();
});

test('a declaration of many lines shows a window of them, by branch, and finds a line among all', async () => {
  const line = importOf().lines[0];
  const lines = Array.from({ length: 260 }, (_, i) => ({ ...line, description: `Van kiểu ${i + 1}`, quantity: { amount: '1.00', unit: 'PCE' }, unit_price: '10', invoice_value: '10.00' }));
  const filed = await server.post('/api/v1/declarations?mode=register', key, importOf({ invoice: { ...importOf().invoice, total: '2600.00' }, lines }));
  assert.equal(filed.status, 201, filed.text);
  const who = await (await person(server.base)).signIn('trader');
  await who.go(`/declarations/${filed.json.number}`);
  const rows = who.page.locator('table.lines tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 50);
  await who.page.selectOption('.tools select[aria-label="Phần đang xem"]', { index: 5 });
  assert.equal(await rows.count(), 10);
  assert.match(await rows.first().innerText(), /Van kiểu 251/);
  await who.page.fill('.tools input[type=search]', 'van kieu 199');
  await until(async () => (await rows.count()) === 1, 'the line that was looked for');
  assert.match(await rows.first().innerText(), /^199/);
  await who.page.click('button:has-text("Xem cách tính")');
  await until(async () => (await who.page.locator('.receipt details').count()) === 50, 'a window of the computation');
  await who.accessible('a declaration of many lines');
  await who.fits('a declaration of many lines');
  await who.leave();
});
