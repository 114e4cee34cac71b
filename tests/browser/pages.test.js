// SPDX-License-Identifier: Apache-2.0
// Every page of the demo: accessible in both themes and languages, fitting at 1440 and 390 pixels,
// pictured. And what all pages share: language, theme, sign-out, the way back after an interruption.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { demo, person, close, importOf, until } = require('./harness.js');

let server;
/** A declaration under check with a past: asked, proposed, attached. */
let busy = '';
before(async () => {
  server = await demo();
  // The invented office has filed its first declarations.
  const looker = await (await person(server.base)).become('lanhdao');
  await looker.go('/declarations');
  await until(async () => (await looker.page.locator('tbody a.open').count()) >= 15, 'the declarations of the demo', 60000);
  await looker.leave();
  // The office lives by itself and clears what waits: enough is filed that some of it still does.
  const trader = await (await person(server.base)).become('anbinh');
  await trader.page.evaluate(async (bodies) => {
    const { csrf } = await (await fetch('/api/v1/session')).json();
    for (const body of bodies) {
      const answer = await fetch('/api/v1/declarations?mode=register', { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf, 'Idempotency-Key': crypto.randomUUID() } });
      if (!answer.ok) throw new Error(await answer.text());
    }
  }, Array.from({ length: 30 }, (_, i) => importOf(i % 2 ? {} : { lines: [{ ...importOf().lines[0], hs: '08052100', description: 'Quả quýt tươi', quantity: { amount: '1000.00', unit: 'KGM' } }] })));
  await trader.leave();
  busy = await lived();
});
after(async () => {
  await close();
  await server.stop();
});

async function post(who, path, body) {
  return who.page.evaluate(async ([path_, body_]) => {
    const { csrf } = await (await fetch('/api/v1/session')).json();
    const answer = await fetch(path_, { method: 'POST', body: body_, headers: { 'Content-Type': body_[0] === '{' ? 'application/json' : 'application/octet-stream', 'X-CSRF-Token': csrf, 'Idempotency-Key': crypto.randomUUID() } });
    if (!answer.ok) throw new Error(`${path_} ${await answer.text()}`);
    return answer.json();
  }, [path, typeof body === 'string' ? body : JSON.stringify(body)]);
}
/** An officer works on one that is his; the demo's own people may get there first, so one is enough. */
async function lived() {
  for (const name of ['canbo1', 'canbo2', 'canbo3', 'canbo1', 'canbo2']) {
    const officer = await (await person(server.base)).become(name);
    const list = await officer.page.evaluate(async () => (await fetch('/api/v1/declarations?assignee=me&status=DOCUMENT_CHECK&limit=20')).json());
    for (const { number } of list.items) {
      const base = `/api/v1/declarations/${number}`;
      try {
        const { id } = await post(officer, '/api/v1/attachments?name=bien-ban.txt', 'Biên bản kiểm tra hồ sơ');
        await post(officer, `${base}/attachments`, { file: id, kind: 'OTHER', note: 'Bản chụp' });
        await post(officer, `${base}/instructions`, { kind: 'EXPLAIN', text: 'Giải trình về trị giá khai báo so với lô hàng trước' });
        await post(officer, `${base}/channel`, { to: 'RED', reason: 'Trị giá thấp hơn các lô tương tự' });
        await officer.leave();
        return number;
      } catch {
        // Checked meanwhile.
      }
    }
    await officer.leave();
  }
  throw new Error('no declaration of the demo could be worked on');
}

/** name: [persona, path or function that goes there, what to do there] */
const PAGES = {
  'sign-in': [null, '/'],
  declarations: ['lanhdao', '/declarations'],
  'new-empty': ['anbinh', '/declarations/new'],
  new: ['anbinh', '/declarations/new', async ({ page }) => {
    await page.selectOption('select.example', 'mixed');
    await page.locator('.advice').first().waitFor();
  }],
  declaration: ['anbinh', async (who) => {
    await who.go('/declarations');
    await who.page.locator('tr:has([data-status=CLEARED]) a.open, tr:has([data-status=AWAITING_TAX]) a.open').first().click();
    await who.page.waitForSelector('.receipt');
  }],
  check: ['canbo1', async (who) => {
    await who.go('/work');
    await who.page.waitForSelector('table[aria-busy=false]');
    await who.page.locator('a.open').first().click();
    await who.page.waitForSelector('.choice');
  }],
  life: ['canbo1', async (who) => {
    await who.go(`/declarations/${busy}`);
    await who.page.waitForSelector('#instructions');
    await who.page.locator('.next .acts button').first().click().catch(() => undefined);
  }],
  work: ['doitruong', '/work'],
  waiting: ['anbinh', '/waiting'],
  passage: ['canbo1', '/passage', async ({ page }) => {
    await page.locator('section li a').first().click();
    await page.waitForSelector('section form');
  }],
  decisions: ['lanhdao', '/decisions', async ({ page }) => {
    await page.locator('main section header button[aria-expanded=false]').click();
  }],
  debts: ['anbinh', '/debts'],
  payments: ['nganhang', '/debts?tax_code=9900000016', async ({ page }) => {
    for (const i of [0, 1]) await page.locator('tbody input[type=checkbox]').nth(i).click();
  }],
  guarantees: ['nganhang', '/guarantees'],
  account: ['canbo1', '/account'],
  users: ['quantri', '/users'],
  keys: ['quantri', '/keys'],
  reference: ['quantri', '/reference', async ({ page }) => {
    await page.setInputFiles('input[type=file]', { name: 'exchange_rates.csv', mimeType: 'text/csv', buffer: Buffer.from('currency,valid_from,valid_to,rate,source\nUSD,2030-01-07,,26000,tỷ giá thử\n') });
    await page.waitForSelector('pre');
  }],
  balances: ['lanhdao', '/balances'],
  balance: ['anbinh', async (who) => {
    await who.go('/balances?kind=PROCESSING');
    await who.page.locator('a.open').first().click();
    await who.page.click('button:has-text("Lập báo cáo"), button:has-text("Make the report")');
    await who.page.locator('.report').waitFor();
  }],
  'balance-new': ['anbinh', '/balances/new'],
  items: ['anbinh', '/items'],
  transports: ['canbo1', '/transports'],
  'transport-new': ['anbinh', '/transports/new'],
  matters: ['doitruong', '/matters'],
  webhooks: ['anbinh', '/webhooks'],
  outages: ['quantri', '/outages'],
};

async function visit(who, [, where, then]) {
  if (typeof where === 'string') await who.go(where);
  else await where(who);
  await who.page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined); // live events never rest
  if (then) await then(who);
  await who.page.waitForTimeout(400);
}

for (const [name, page] of Object.entries(PAGES)) {
  test(`${name}: accessible and fitting, wide and narrow, light and dark`, async () => {
    for (const [width, height] of [[1440, 900], [390, 844]]) {
      const who = await person(server.base, { viewport: { width, height }, hasTouch: width < 600 });
      if (page[0]) await who.become(page[0]);
      else await who.go('/');
      for (const theme of ['light', 'dark']) {
        await who.page.evaluate((choice) => localStorage.setItem('haiquan.theme', choice), theme);
        await visit(who, page);
        assert.equal(await who.page.evaluate(() => document.documentElement.dataset.theme), theme);
        await who.accessible(`${name} ${width} ${theme}`);
        await who.fits(`${name} at ${width}`);
        await who.picture(`${name}-${width}-${theme}`);
      }
      await who.page.evaluate(() => localStorage.setItem('haiquan.language', 'en'));
      await visit(who, page);
      assert.equal(await who.page.evaluate(() => document.documentElement.lang), 'en');
      await who.accessible(`${name} ${width} in English`);
      await who.fits(`${name} at ${width} in English`);
      await who.leave();
    }
  });
}

test('language and theme change in place and are kept', async () => {
  const who = await (await person(server.base, { colorScheme: 'light' })).become('anbinh');
  assert.equal(await who.text('main h1'), 'Tờ khai');
  await who.page.click('.tools button >> nth=0');
  assert.equal(await who.text('main h1'), 'Declarations');
  assert.equal(await who.page.evaluate(() => document.documentElement.lang), 'en');
  const ground = () => who.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await who.page.click('.tools button >> nth=1');
  assert.notEqual(await ground(), light);
  await who.page.reload();
  await who.page.waitForSelector('main h1');
  assert.equal(await who.text('main h1'), 'Declarations');
  assert.notEqual(await ground(), light);
  await who.leave();
});

test('nothing moves after it was shown', async () => {
  const who = await (await person(server.base)).become('anbinh');
  for (const path of ['/declarations', '/declarations/new']) {
    await who.go(path);
    await who.page.waitForTimeout(1200);
    const shift = await who.page.evaluate(() => new Promise((resolve) => {
      let sum = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (sum += entry.hadRecentInput ? 0 : entry.value))).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => resolve(sum), 200);
    }));
    assert.ok(shift < 0.1, `${path} shifts by ${shift}`);
  }
  await who.leave();
});

test('signing out ends it; what is not one\'s own is no page', async () => {
  const who = await (await person(server.base)).become('anbinh');
  await who.go('/users');
  assert.equal(await who.text('main h1'), 'Không có trang này');
  await who.page.click('.tools button >> nth=-1');
  await who.page.waitForSelector('[name=username]');
  await who.go('/declarations');
  await who.page.waitForSelector('[name=username]');
  await who.leave();
});

test('the list of keys opens with ?', async () => {
  const who = await (await person(server.base)).become('anbinh');
  await who.page.keyboard.press('?');
  await who.page.locator('dialog[open] kbd').first().waitFor();
  await who.accessible('the list of keys');
  await who.page.keyboard.press('Escape');
  await who.page.locator('dialog[open]').waitFor({ state: 'detached' });
  await who.page.keyboard.press('n');
  await until(() => who.page.url().endsWith('/declarations/new'), 'the form');
  await who.leave();
});

test('before a session ends for want of use there is time to stay', async () => {
  const who = await person(server.base);
  await who.page.clock.install();
  await who.become('canbo1');
  await who.page.clock.fastForward('13:00');
  await who.page.locator('dialog[open]', { hasText: 'Phiên làm việc sắp kết thúc' }).waitFor();
  await who.accessible('the warning of idleness');
  await who.page.click('dialog[open] button.main');
  await who.page.locator('dialog[open]').waitFor({ state: 'detached' });
  await who.leave();
});

test('a lost connection is said and so is its return, without losing what was typed', async () => {
  const who = await (await person(server.base)).become('anbinh');
  await who.go('/declarations/new');
  await who.page.context().setOffline(true);
  await who.page.locator('.banner').waitFor();
  await who.box('/bills').fill('VD0001');
  await who.page.context().setOffline(false);
  await who.page.locator('.banner').waitFor({ state: 'detached', timeout: 60000 });
  assert.equal(await who.box('/bills').inputValue(), 'VD0001');
  who.faults = who.faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED/.test(fault));
  await who.leave();
});

test('public tracking works without scripts, tells steps and no names', async () => {
  const who = await (await person(server.base)).become('anbinh');
  await who.page.locator('a.open').first().click();
  await who.page.waitForSelector('.receipt');
  const link = await who.page.locator('a[href^="/track/"]').getAttribute('href');
  const stranger = await person(server.base, { javaScriptEnabled: false });
  await stranger.page.goto(server.base + link);
  const text = await stranger.page.locator('body').innerText();
  assert.match(text, new RegExp(link.match(/\d{12}/)[0]));
  assert.doesNotMatch(text, /9900000016|An Bình/);
  await stranger.page.goto(`${server.base}/track`);
  await stranger.page.fill('[name=number]', '100000000010');
  await stranger.page.fill('[name=code]', 'XXXX-XXXX');
  await stranger.page.click('button[type=submit]');
  assert.match(await stranger.page.locator('body').innerText(), /Không có tờ khai với số và mã tra cứu này/);
  await stranger.leave();
  for (const [width, height] of [[1440, 900], [390, 844]]) {
    for (const colorScheme of ['light', 'dark']) {
      const reader = await person(server.base, { viewport: { width, height }, colorScheme });
      await reader.page.goto(server.base + link);
      await reader.accessible(`tracking ${width} ${colorScheme}`);
      await reader.fits(`tracking at ${width}`);
      await reader.picture(`track-${width}-${colorScheme}`);
      await reader.leave();
    }
  }
  await who.leave();
});
