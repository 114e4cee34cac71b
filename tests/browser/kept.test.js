// SPDX-License-Identifier: Apache-2.0
// What a person has typed is never lost: not when the session ends, the page is reloaded, a second
// tab is open, or the server is away.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { office, person, close, importOf, until } = require('./harness.js');

let server;
before(async () => {
  server = await office();
});
after(async () => {
  await close();
  await server.stop();
});

const typed = (who, pointer) => until(() => who.box(pointer).inputValue(), `something in ${pointer}`);
async function preregistered() {
  const key = server.key({ role: 'declarant', tax_code: '9900000016' });
  return (await server.post('/api/v1/declarations', key, importOf())).json.number;
}
/** The server forgets everybody, as it does after half an hour. */
async function expire(who, then) {
  await who.page.context().clearCookies();
  await then();
  await who.page.locator('.note.warn', { hasText: 'Phiên làm việc đã kết thúc' }).waitFor();
}
async function signInAgain(who) {
  assert.equal(await who.page.inputValue('[name=username]'), 'trader', 'the name stands there already');
  await who.page.fill('[name=password]', 'mot mat khau rat dai');
  await who.page.click('form button.main');
  await who.page.waitForSelector('.me');
}
/** Another tab of the same browser. */
async function second(who) {
  const page = await who.page.context().newPage();
  return Object.assign(Object.create(Object.getPrototypeOf(who)), { base: who.base, page, faults: who.faults });
}

test('a session that ends in the middle of a change takes nothing away', async () => {
  const number = await preregistered();
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go(`/declarations/new?edit=${number}`);
  await typed(trader, '/invoice/number');
  await trader.box('/invoice/number').fill('SUA-1');
  await expire(trader, () => trader.box('/notes').fill('gõ lúc hết phiên'));
  assert.equal(await trader.page.locator('header nav').count(), 0);
  assert.equal(await trader.box('/notes').isVisible(), false, 'nothing is to be read while nobody is signed in');
  await signInAgain(trader);
  assert.equal(await trader.box('/invoice/number').inputValue(), 'SUA-1');
  assert.equal(await trader.box('/notes').inputValue(), 'gõ lúc hết phiên');
  await until(() => trader.page.evaluate(() => document.activeElement?.dataset.path === '/notes'), 'the cursor where it stood');

  // A reload goes on with the change; it can also be thrown away.
  await trader.page.reload();
  await until(async () => (await typed(trader, '/invoice/number')) === 'SUA-1', 'the unfinished change');
  await trader.accessible('an unfinished change');
  await trader.page.click('.shelf button');
  await until(async () => (await trader.box('/invoice/number').inputValue()) === 'INV-1', 'the declaration as it stands');
  await trader.leave();
});

test('two tabs hold two drafts, and each can be taken up later', async () => {
  const one = await (await person(server.base)).signIn('trader');
  await one.go('/declarations/new');
  await one.box('/invoice/number').fill('TAB-1');
  await one.page.locator('.saved', { hasText: 'Đã giữ' }).waitFor();
  const two = await second(one);
  await two.go('/declarations/new');
  assert.equal(await two.box('/invoice/number').inputValue(), '');
  await two.box('/invoice/number').fill('TAB-2');
  await two.page.locator('.saved', { hasText: 'Đã giữ' }).waitFor();
  for (const [tab, number] of [[one, 'TAB-1'], [two, 'TAB-2']]) {
    await tab.page.reload();
    await until(async () => (await typed(tab, '/invoice/number')) === number, `${number} after reloading`);
  }
  await two.page.click('.shelf summary');
  await two.accessible('the list of drafts');
  await two.page.locator('.shelf li button', { hasText: 'TAB-1' }).click();
  await until(async () => (await two.box('/invoice/number').inputValue()) === 'TAB-1', 'the other draft');
  await two.page.locator('.shelf li button', { hasText: 'TAB-2' }).waitFor();
  await one.leave();
});

test('when one tab signs out the others show nothing any more', async () => {
  const one = await (await person(server.base)).signIn('trader');
  const two = await second(one);
  await two.go('/declarations');
  await one.page.click('.tools button >> nth=-1');
  await two.page.waitForSelector('[name=username]');
  await one.leave();
});

test('going back finds the list as it was filtered', async () => {
  const number = await preregistered();
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go('/declarations?status=PREREGISTERED&q=an+binh');
  await trader.page.locator('a.open', { hasText: number }).click();
  await trader.page.waitForSelector('.receipt');
  await trader.page.goBack();
  await trader.page.locator('a.open', { hasText: number }).waitFor();
  assert.match(trader.page.url(), /\?status=PREREGISTERED&q=an\+binh$/);
  await trader.leave();
});

test('a block far too large is refused whole, and invisible marks do no harm', async () => {
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go('/declarations/new');
  await trader.box('/lines/0/hs').focus();
  await trader.page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', '84818099\tVan\tCN\n'.repeat(10000));
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await trader.page.locator('.lines [role=alert]', { hasText: '10000' }).waitFor();
  assert.equal(await trader.page.locator('fieldset.line').count(), 1);

  await trader.box('/importer/tax_code').fill('99 0000 0016\u200b');
  await trader.box('/loading_place').fill('cnpin');
  await trader.box('/packages/count').fill('mười');
  await trader.box('/packages/count').press('Tab');
  // The reader sees the name of the box, not that of a field of JSON.
  await trader.page.locator('.found', { hasText: 'Số kiện phải là số nguyên' }).waitFor();
  assert.equal(await trader.page.locator('[data-path="/importer/tax_code"][aria-invalid], [data-path="/loading_place"][aria-invalid]').count(), 0);
  await trader.leave();
});
