// SPDX-License-Identifier: Apache-2.0
// Goods under bond from one office to another: declared, returned, mended, approved, departed, arrived.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { office, person, close } = require('./harness.js');

let server;
before(async () => {
  server = await office();
  server.user({ username: 'arrival', password: 'mot mat khau rat dai', name: 'Công chức nơi đến', role: 'officer', office: '20BB' });
});
after(async () => {
  await close();
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out);
  await server.stop();
});

const status = async (who, name) => {
  if (!(await who.page.locator(`.page-head [data-status=${name}]`).count())) await who.page.waitForTimeout(1500);
  if (!(await who.page.locator(`.page-head [data-status=${name}]`).count())) await who.page.reload();
  await who.page.locator(`.page-head [data-status=${name}]`).waitFor();
};
async function act(who, name, fill) {
  await who.page.click(`.offers button:has-text("${name}")`);
  await fill?.();
  await who.page.click('.offers form button.main');
}

test('the way of a transport', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go('/transports/new');
  await trader.page.click('form button.main');
  await trader.page.locator('[data-path="/office_from"][aria-invalid=true]').waitFor();
  await trader.accessible('the form of a transport');
  const day = (days) => new Date(Date.now() + 7 * 3600000 + days * 86400000).toISOString().slice(0, 10).split('-').reverse().join('/');
  const boxes = { '/office_from': '15BB', '/place_from': '15BBC01', '/office_to': '20BB', '/place_to': '20BBC01', '/planned_departure': day(1), '/planned_arrival': day(2), '/conveyance': '12C-34567', '/packages/count': '40', '/bills': 'VDB-1 VDB-2', '/goods': 'Van thép' };
  for (const [path, text] of Object.entries(boxes)) await trader.field(path).fill(text);
  await trader.page.keyboard.press('Tab');
  await trader.page.click('form button.main');
  await status(trader, 'DECLARED');
  const where = new URL(trader.page.url()).pathname;

  const leaves = await (await person(server.base)).signIn('officer');
  await leaves.go('/transports');
  await leaves.page.locator('a.open').first().click();
  await act(leaves, 'Yêu cầu sửa', () => leaves.page.fill('.offers textarea', 'Ghi rõ tuyến đường'));
  await status(trader, 'RETURNED');
  await trader.page.click('a.button:has-text("Sửa")');
  await trader.field('/route').fill('Quốc lộ 1');
  await trader.page.click('form button.main');
  await status(trader, 'DECLARED');
  await status(leaves, 'DECLARED');
  await act(leaves, 'Phê duyệt');
  await status(leaves, 'APPROVED');
  await act(leaves, 'Xác nhận hàng đi', () => leaves.field('/seals').fill('NP-1 NP-2'));
  await status(leaves, 'DEPARTED');

  const comes = await (await person(server.base)).signIn('arrival');
  await comes.go(where);
  await act(comes, 'Xác nhận hàng đến', async () => {
    await comes.field('/seals').selectOption('BROKEN');
    await comes.field('/packages/count').fill('39');
  });
  await status(comes, 'ARRIVED');
  await status(trader, 'ARRIVED');
  assert.match(await trader.text('section:has(#h-steps)'), /có sai khác[\s\S]*NP-1 NP-2/);
  await trader.accessible('a transport');
  for (const who of [trader, leaves, comes]) await who.leave();
});
