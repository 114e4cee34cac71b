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
