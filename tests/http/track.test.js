// SPDX-License-Identifier: Apache-2.0
// The public page: one declaration for who has its number and code, nothing for anybody else.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { start, importOf } = require('./harness.js');

let server;
let record;
before(async () => {
  server = await start();
  const declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
  record = (await server.post('/api/v1/declarations?mode=register', declarant, importOf())).json;
});
after(() => server.stop());

const lookUp = (number, code, lang = 'vi') => server.call('POST', `/track?lang=${lang}`, {
  body: new URLSearchParams({ number, code }).toString(), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });

test('the form asks in the language of the reader and needs no script', async () => {
  const vi = await server.get('/track', undefined, { language: 'vi' });
  assert.equal(vi.status, 200);
  assert.match(vi.text, /<html lang="vi">/);
  assert.match(vi.text, /Số tờ khai/);
  assert.doesNotMatch(vi.text, /<script/);
  assert.match((await server.get('/track?lang=en')).text, /Declaration number/);
  assert.match((await server.get(`/track/${record.number}`)).text, new RegExp(`value="${record.number}"`));
});

test('number and code show status and steps, without names or tax codes', async () => {
  const page = await lookUp(record.number, record.tracking_code);
  assert.equal(page.status, 200, page.text);
  assert.match(page.text, new RegExp(record.number));
  assert.match(page.text, /<time datetime="/);
  assert.doesNotMatch(page.text, /9900000016|An Bình/);
  const link = await server.get(`/track?number=${record.number}&code=${record.tracking_code}`);
  assert.match(link.text, /<ol>/);
});

test('a wrong code and a number that does not exist look the same', async () => {
  const wrong = await lookUp(record.number, 'AAAA-BBBB');
  const none = await lookUp('199999999990', 'AAAA-BBBB');
  assert.equal(wrong.status, 404);
  assert.equal(none.status, 404);
  assert.equal(wrong.text.replaceAll(record.number, ''), none.text.replaceAll('199999999990', ''));
});

test('what is typed comes back escaped', async () => {
  const page = await lookUp('"><script>alert(1)</script>', 'x');
  assert.doesNotMatch(page.text, /<script/);
  assert.equal((await lookUp('\u0000', '%ff')).status < 500, true);
});
