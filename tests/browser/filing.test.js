// SPDX-License-Identifier: Apache-2.0
// A trader files in the browser, the bank pays, the page says so by itself.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { office, person, close, importOf, until, must } = require('./harness.js');

let server;
before(async () => {
  server = await office();
});
after(async () => {
  await close();
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out);
  await server.stop();
});

const total = async (who) => (await who.text('aside tfoot .total')).replace(/\D/g, '');

async function typeDeclaration(who) {
  await who.go('/declarations/new');
  const boxes = {
    '/office': '15BB', '/bills': 'VD0001 VD0002', '/packages/count': '120', '/gross_weight/amount': '12.340,5', '/conveyance': '12C-12345',
    '/loading_place': 'CNPIN', '/unloading_place': 'VNHNG', '/exporter/country': 'CN', '/exporter/name': 'Example Valve Works',
    '/invoice/number': 'VD-0412', '/invoice/incoterm': 'CIF', '/invoice/total': '61500',
    '/importer/name': 'Công ty TNHH Ví dụ An Bình', '/lines/0/origin': 'CN',
  };
  for (const [pointer, text] of Object.entries(boxes)) await who.box(pointer).fill(text);
  const today = new Date(Date.now() - 17 * 3600e3).toISOString().slice(0, 10).split('-').reverse().join('');
  await who.box('/arrival_date').fill(today);
  await who.box('/invoice/date').fill(today);
}

test('a declaration is typed, checked live, pre-registered, registered, paid and cleared', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await typeDeclaration(trader);
  const { page } = trader;

  // The goods are found by words without accents; code, description and unit come with the choice.
  await trader.box('/lines/0/hs').pressSequentially('van va voi', { delay: 20 });
  await page.locator('[role=option]:has-text("84818099")').waitFor();
  await page.keyboard.press('Enter');
  assert.equal(await trader.box('/lines/0/hs').inputValue(), '84818099');
  assert.equal(await trader.box('/lines/0/quantity/unit').inputValue(), 'PCE');
  assert.match(await trader.box('/lines/0/description').inputValue(), /Van và vòi/);
  await trader.box('/lines/0/quantity/amount').fill('1000');
  await trader.box('/lines/0/unit_price').fill('61,5');
  await trader.box('/lines/0/unit_price').press('Tab');
  assert.equal(await trader.box('/lines/0/invoice_value').inputValue(), '61500', 'the value follows from quantity and price');

  await until(async () => /[1-9]/.test(await total(trader)), 'the assessment of the dry run');
  const payable = await total(trader);

  // A fault is shown at its box and in the list, and the list leads to the box.
  await trader.box('/invoice/currency').fill('XYZ');
  await trader.box('/invoice/currency').press('Tab');
  await page.waitForSelector('[data-path="/invoice/currency"][aria-invalid=true]');
  await page.locator('aside details button', { hasText: 'XYZ' }).first().click();
  await until(() => page.evaluate(() => document.activeElement?.dataset.path === '/invoice/currency'), 'the cursor in the box of the finding');
  await trader.box('/invoice/currency').fill('USD');
  await page.waitForSelector('[data-path="/invoice/currency"]:not([aria-invalid])');
  await until(async () => (await total(trader)) === payable, 'the same total again');

  // The cheapest scheme is told with what is missing for it.
  await page.locator('.advice', { hasText: 'B05' }).waitFor();

  // The draft outlives the page.
  await page.reload();
  await page.waitForSelector('main h1');
  await until(async () => (await trader.box('/invoice/number').inputValue()) === 'VD-0412', 'the draft after reloading');
  assert.equal(await trader.box('/gross_weight/amount').inputValue(), '12.340,5');

  await page.keyboard.press('Control+Enter');
  await trader.status('PREREGISTERED');
  const number = page.url().match(/\d{12}/)[0];
  await page.click('.next button.main');
  await trader.status('AWAITING_TAX');
  await page.waitForSelector('.page-head [data-channel=GREEN]');
  // Every tax says how it came about, from which row.
  assert.match(await trader.text('.receipt'), /61\.500 USD × .* ₫?/);
  assert.match(await trader.text('.receipt .source'), /\d{2}\/\d{2}\/\d{4}/);
  await page.locator('#h-proof ~ .tag.good').waitFor({ timeout: 60000 });

  // The bank, in its own browser.
  const bank = await (await person(server.base)).signIn('bank');
  await bank.page.fill('header input[type=search] >> nth=-1', number);
  await bank.page.keyboard.press('Enter');
  await bank.page.locator('thead input[type=checkbox]').click();
  await bank.page.click('button.small:has-text("Tạo số")');
  assert.equal((await bank.text('.pay .total strong')).replace(/\D/g, ''), payable);
  await bank.page.click('.pay button.main');
  await bank.page.waitForSelector('.pay .note.good');

  // Nobody touched the trader's page.
  await trader.status('CLEARED');
  assert.match(await trader.text('ol'), /Thông quan/);
  await bank.leave();
  await trader.leave();
});

test('what is missing is told quietly before and loudly after one tries to register', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go('/declarations/new');
  await trader.page.locator('aside summary', { hasText: 'Còn phải điền' }).waitFor();
  assert.equal(await trader.page.locator('[aria-invalid=true]').count(), 0);
  await trader.page.click('aside .acts button.main');
  await trader.page.waitForSelector('[data-path="/office"][aria-invalid=true]');
  await trader.page.locator('aside summary', { hasText: 'Lỗi' }).waitFor();
  await trader.leave();
});

test('lines are copied, removed, moved between and pasted from a spreadsheet by keyboard', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go('/declarations/new');
  const { page } = trader;
  await trader.box('/lines/0/hs').focus();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'Mã HS\tMô tả\tXuất xứ\tBiểu thuế\tSố lượng\tĐVT\tĐơn giá\n8481.80.99\tVan\tCN\tB01\t1.000,50\tPCE\t2\n85171300\tĐiện thoại\tCN\tB01\t10\tPCE\t160,25');
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await until(async () => (await page.locator('fieldset.line').count()) === 2, 'two pasted lines');
  assert.equal(await trader.box('/lines/0/hs').inputValue(), '84818099');
  assert.equal(await trader.box('/lines/0/quantity/amount').inputValue(), '1.000,50');
  assert.equal(await trader.box('/lines/1/invoice_value').inputValue(), '1.602,5');

  await trader.box('/lines/1/unit_price').focus();
  await page.keyboard.press('Alt+ArrowUp');
  const focused = () => page.evaluate(() => document.activeElement?.dataset.path);
  await until(async () => (await focused()) === '/lines/0/unit_price', 'the row above');
  await page.keyboard.press('Control+d');
  await until(async () => (await page.locator('fieldset.line').count()) === 3, 'a copied line');
  assert.equal(await trader.box('/lines/1/hs').inputValue(), '84818099');
  await trader.box('/lines/2/invoice_value').focus();
  await page.keyboard.press('Enter');
  await until(async () => (await focused()) === '/lines/3/hs', 'a new line');
  await page.locator('fieldset.line').nth(3).locator('button[aria-label="Xóa dòng"]').click();
  await until(async () => (await page.locator('fieldset.line').count()) === 3, 'the line is gone');
  await trader.leave();
});

test('a rate that changed since pre-registration is shown and accepted', async () => {
  const key = server.key({ role: 'declarant', tax_code: '9900000016' });
  const told = (await server.post('/api/v1/declarations', key, importOf())).json;
  const file = path.join(server.dir, 'rates.csv');
  fs.writeFileSync(file, `currency,valid_from,valid_to,rate,source\nUSD,${new Date(Date.now() - 17 * 3600e3).toISOString().slice(0, 10)},,26000,tỷ giá thử\n`);
  const imported = must(['reference', 'import', '--db', server.db, 'exchange_rates', file]);
  assert.ok(imported);

  const trader = await (await person(server.base)).signIn('trader');
  await trader.go(`/declarations/${told.number}`);
  await trader.page.click('.next button.main');
  const dialog = trader.page.locator('dialog[open]');
  await dialog.waitFor();
  assert.match(await dialog.innerText(), /Tỷ giá USD[\s\S]*26\.000/);
  await trader.accessible('the dialog of differences');
  await dialog.locator('button.main').click();
  await trader.status('AWAITING_TAX');
  await trader.leave();
});

test('a refused act says why and gives the trace id', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go('/declarations/999999999990');
  const note = trader.page.locator('[role=alert]');
  await note.waitFor();
  assert.match(await note.innerText(), /Không có tờ khai mang số này[\s\S]*[0-9a-f]{32}/);
  await trader.leave();
});
