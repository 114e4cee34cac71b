// SPDX-License-Identifier: Apache-2.0
// Outages that everybody sees, and webhooks that are replayed.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const { office, person, close, importOf, until } = require('./harness.js');

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

test('an outage is declared, told to who is not signed in, and ended', async () => {
  const root = await (await person(server.base)).signIn('root');
  await root.go('/outages');
  await root.page.click('button:has-text("Tuyên bố sự cố")');
  await root.field('/reason_vi').fill('Sự cố đường truyền');
  await root.page.click('form button.main');
  await root.page.locator('tbody .tag.bad').waitFor();
  const stranger = await person(server.base);
  await stranger.go('/');
  await stranger.page.locator('[data-outage=LASTS]', { hasText: 'Sự cố đường truyền' }).waitFor();
  await stranger.accessible('signing in during an outage');
  await stranger.leave();
  await root.page.click('tbody button:has-text("Kết thúc")');
  await root.accessible('the question whether it is over');
  await root.page.click('dialog[open] button.main');
  await root.page.locator('[data-outage=LASTS]').waitFor({ state: 'detached' });
  await root.leave();
});

test('a webhook is added with a secret shown once, hears, is replayed and ended', async () => {
  const heard = [];
  const listener = http.createServer((request, response) => {
    let body = '';
    request.on('data', (data) => (body += data));
    request.on('end', () => {
      heard.push(JSON.parse(body).type);
      response.end();
    });
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const trader = await (await person(server.base)).signIn('trader');
  await trader.go('/webhooks');
  await trader.page.click('button:has-text("Thêm webhook")');
  await trader.accessible('the dialog of a webhook');
  await trader.page.fill('dialog[open] input[type=url]', `http://127.0.0.1:${listener.address().port}/hook`);
  await trader.page.check('dialog[open] input[value="declaration.preregistered"]');
  await trader.page.click('dialog[open] button.main');
  assert.match(await trader.text('.secret'), /^whsec_/);
  const key = server.key({ role: 'declarant', tax_code: '9900000016' });
  assert.equal((await server.post('/api/v1/declarations', key, importOf())).status, 201);
  await until(() => heard.length === 1, 'the delivery', 60000);
  await trader.page.click('tbody button:has-text("Gửi lại")');
  await trader.page.click('dialog[open] button.main');
  await trader.page.locator('.note.good:has-text("1 sự kiện")').waitFor();
  await until(() => heard.length === 2, 'the delivery again', 60000);
  await trader.page.click('tbody button:has-text("Kết thúc")');
  await trader.page.click('dialog[open] button.danger');
  await trader.page.locator('tbody button').first().waitFor({ state: 'detached' });
  await trader.leave();
  listener.close();
});
