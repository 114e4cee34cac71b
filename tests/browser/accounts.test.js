// SPDX-License-Identifier: Apache-2.0
// Accounts of goods and items: a contract is registered by pasting from a sheet, approved, suspended,
// drawn upon and amended; items are read from a file and fill a line.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { office, person, close, until } = require('./harness.js');

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

async function paste(who, selector, text) {
  await who.page.locator(selector).evaluate((box, block) => {
    const data = new DataTransfer();
    data.setData('text/plain', block);
    box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}
const state = (who, name) => who.page.locator(`.page-head [data-state=${name}]`).waitFor({ timeout: 60000 });

test('a contract: pasted lines, norms, findings at their boxes, approval, suspension, amendment', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go('/balances/new');
  await trader.page.selectOption('[data-path="/kind"]', 'PROCESSING');
  await trader.box('/office').fill('15BB');
  await trader.box('/title').fill('Gia công ô gấp');
  await paste(trader, '[data-path="/lines/0/code"]', 'VAI01\t6006\tVải dệt kim\t\tKGM\nKHUNG\t6603\tKhung ô\t\tPCE');
  await trader.page.click('button:has-text("Sản phẩm")');
  await paste(trader, '[data-path="/lines/2/code"]', 'O01\t66019900\tÔ gấp cầm tay\t5.000\tPCE');
  await trader.page.click('button:has-text("Định mức")');
  await trader.page.locator('.norms input').first().fill('0,28');
  await trader.accessible('the form of a contract');
  await trader.page.click('form button.main:has-text("Đăng ký")');
  // The number of the contract is wanting, and its box is where the cursor stands.
  await trader.page.locator('[data-path="/number"][aria-invalid=true]').waitFor();
  assert.equal(await trader.page.evaluate(() => document.activeElement.dataset.path), '/number');
  await trader.box('/number').fill('HD-2026-07');
  await trader.page.click('form button.main:has-text("Đăng ký")');
  await state(trader, 'DECLARED');
  assert.match(await trader.text('section:has(#h-lines)'), /Một đơn vị dùng 0,28 của dòng 1/);
  const where = new URL(trader.page.url()).pathname;

  const officer = await (await person(server.base)).signIn('officer');
  await officer.go('/balances?state=DECLARED');
  await officer.page.click('a.open:has-text("HD-2026-07")');
  await officer.page.click('button:has-text("Chấp nhận")');
  await officer.page.click('.offers form button.main');
  await state(officer, 'REGISTERED');
  await trader.page.reload();
  await state(trader, 'REGISTERED');
  await officer.page.click('button:has-text("Tạm dừng")');
  await officer.page.fill('.offers textarea', 'Đối chiếu tồn kho');
  await officer.page.click('.offers form button.main');
  await state(officer, 'SUSPENDED');
  await officer.page.click('button:has-text("Cho tiếp tục")');
  await officer.page.click('.offers form button.main');
  await state(officer, 'REGISTERED');

  await trader.go(`${where}/amend`);
  // As a person does it: the box shows its plain text once the cursor is in it.
  const amount = trader.page.locator('[data-path="/lines/2/quantity/amount"]');
  await amount.click();
  await amount.press('Control+a');
  await amount.pressSequentially('6000');
  await trader.page.click('form button.main:has-text("Gửi sửa đổi")');
  await trader.page.locator('#h-amendment').waitFor();
  await officer.page.reload();
  await officer.page.locator('#h-amendment').waitFor();
  await officer.page.click('button:has-text("Từ chối")');
  await officer.page.fill('.offers textarea', 'Chưa có phụ lục hợp đồng');
  await officer.page.click('.offers form button.main');
  await officer.page.locator('#h-amendment').waitFor({ state: 'detached' });
  await officer.page.click('button:has-text("Lập báo cáo")');
  await officer.page.locator('table.report').waitFor();
  await officer.accessible('an account');
  await officer.leave();
  await trader.leave();
});

test('items: a file with a fault changes nothing, a good one fills the list, an item fills a line', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go('/items');
  const file = (text) => trader.page.setInputFiles('input[type=file]', { name: 'hang.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await file('code,description,hs,origin,unit,price,currency\nVAN-01,Van thép DN50,84818099,CN,PCE,61.5,USD\nVAN-02,Van đồng,99999999,CN,PCE,20,USD\n');
  await trader.page.locator('.note.bad').waitFor();
  await file('code,description,hs,origin,unit,price,currency\nVAN-01,Van thép DN50,84818099,CN,PCE,61.5,USD\n');
  await trader.page.locator('.note.good').waitFor();
  await trader.page.locator('tbody th:has-text("VAN-01")').waitFor();
  await trader.page.click('tbody button:has-text("Sửa")');
  await trader.page.locator('dialog[open] input').nth(2).fill('Van thép không gỉ DN50');
  await trader.accessible('the dialog of an item');
  await trader.page.click('dialog[open] button.main');
  await trader.page.locator('td:has-text("Van thép không gỉ DN50")').waitFor();

  await trader.go('/declarations/new');
  await trader.page.locator('.line .acts button').first().click();
  await trader.page.locator('.item input').fill('khong gi');
  await trader.page.locator('[role=option]', { hasText: 'VAN-01' }).waitFor();
  await trader.page.keyboard.press('Enter');
  await until(async () => (await trader.box('/lines/0/hs').inputValue()) === '84818099', 'the code of the item');
  assert.equal(await trader.box('/lines/0/description').inputValue(), 'Van thép không gỉ DN50');
  assert.equal(await trader.box('/lines/0/unit_price').inputValue(), '61,5');
  await trader.leave();
});
