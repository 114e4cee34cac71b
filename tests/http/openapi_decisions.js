// SPDX-License-Identifier: Apache-2.0
// Part of openapi_answers.test.js: what heads decide, holds and passage.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { importOf } = require('./harness.js');

const D = '/api/v1/declarations';

/** `context()` is { server, api, officer, trader }, ready when the tests run. */
function decisions(context) {
  const call = (method) => (status, target, key, body, options) => context().api.must(status, method, target, { key, body, ...options });
  const post = call('POST');
  const get = (status, target, key) => context().api.must(status, 'GET', target, { key });
  const register = async (changes) => (await post(201, `${D}?mode=register`, context().trader, importOf(changes))).json;
  let payments = 0;
  async function pay(made) {
    const bank = context().server.key({ role: 'bank', bank: 'VDB' });
    const lines = made.assessment.taxes.filter((tax) => tax.amount > 0)
      .map(({ tax, amount }) => ({ declaration: made.number, tax, amount }));
    await post(201, '/api/v1/payments', bank, { bank: 'VDB', reference: `QD${payments += 1}`, debited_at: await context().server.now(),
      payer_tax_code: '9900000016', lines });
  }
  const head = () => context().server.key({ role: 'branch_head', office: '15BB', name: 'lanh-dao' });
  const yellow = async (key) => {
    const made = await register();
    await post(200, `${D}/${made.number}/channel`, key, { to: 'YELLOW', reason: 'Thử' });
    return made;
  };

  test('cancellation', async () => {
    const { trader } = context();
    const { number } = await register();
    const where = `${D}/${number}/cancellation`;
    await post(422, where, trader, { ground: 'BORED' });
    await post(404, `${D}/199999999990/cancellation`, trader, { ground: 'DUPLICATE' });
    await post(202, where, trader, { ground: 'DUPLICATE', reason: null });
    const done = await post(200, where, head(), { ground: 'DUPLICATE', reason: 'Đúng' });
    assert.equal(done.json.status, 'CANCELLED');
    await post(409, where, trader, { ground: 'DUPLICATE' });
  });

  test('release, storage and what closes them', async () => {
    const { trader, officer } = context();
    const key = head();
    const made = await yellow(key);
    const where = `${D}/${made.number}`;
    await post(422, `${where}/release`, trader, { ground: 'SOON' });
    await post(404, `${D}/199999999990/release`, trader, { ground: 'VALUE' });
    await post(202, `${where}/release`, trader, { ground: 'VALUE', reason: 'Chờ trị giá' });
    await post(409, `${where}/release`, key, { ground: 'VALUE' }); // owed
    await post(409, `${where}/result`, officer, { result: 'satisfactory' });
    await pay(made);
    const { json: out } = await post(200, `${where}/release`, key, { ground: 'VALUE', reason: 'Đồng ý' });
    assert.equal(out.status, 'RELEASED');
    assert.ok(out.due.release);
    await post(422, `${where}/result`, officer, { result: 'good' });
    await post(404, `${D}/199999999990/result`, officer, { result: 'satisfactory' });
    await post(200, `${where}/result`, officer, { result: 'unsatisfactory', disposal: 'OTHER', breach: false, agency: 'KĐHQ', document: 'KQ-1', date: null });
    const done = await post(200, `${where}/result`, officer, { result: 'satisfactory', note: null });
    assert.equal(done.json.status, 'CLEARED');

    const other = `${D}/${(await yellow(key)).number}`;
    await post(422, `${other}/storage`, trader, {});
    await post(404, `${D}/199999999990/storage`, trader, { ground: 'PERMIT' });
    const kept = { ground: 'QUARANTINE', reason: 'Chờ kiểm dịch', place: 'Kho lạnh số 2', agency: null };
    await post(202, `${other}/storage`, trader, kept);
    assert.ok((await post(200, `${other}/storage`, key, kept)).json.due.storage);
    await post(409, `${other}/storage`, key, kept);
  });

  test('paper', async () => {
    const { officer } = context();
    const where = `${D}/${(await register()).number}`;
    await post(422, `${where}/manual`, officer, {});
    await post(404, `${D}/199999999990/manual`, officer, { reason: 'x' });
    await post(202, `${where}/manual`, officer, { reason: 'Mất kết nối' });
    await post(200, `${where}/manual`, head(), { reason: 'Mất kết nối' });
    await post(409, `${where}/manual`, head(), { reason: 'x' });
    await post(200, `${where}/result`, officer, { result: 'satisfactory', document: 'TK giấy 1' });
  });

  test('holds and passage', async () => {
    const { trader, officer, server } = context();
    const key = head();
    const gate = server.key({ role: 'operator', office: '15BB', name: 'cong' });
    const made = await register({ containers: ['MSKU1234565'] });
    const where = `${D}/${made.number}`;
    await pay(made);
    await post(422, `${where}/holds`, key, { order: 'STOP' });
    await post(404, `${D}/199999999990/holds`, key, { order: 'HOLD', ground: 'x' });
    await post(202, `${where}/holds`, officer, { order: 'SCAN', ground: 'Nghi vấn', until: null });
    const { json: held } = await post(200, `${where}/holds`, key, { order: 'SCAN', ground: 'Nghi vấn', until: null });
    const lift = `${where}/holds/${held.holds[0].id}/lift`;
    await post(409, lift, key, { reason: 'x' }); // not inspected
    await post(404, `${where}/holds/0/lift`, key, { reason: 'x' });
    await post(422, lift, key, {});
    await post(409, `${where}/passage`, gate, { vehicle: '29C-1' });
    assert.equal((await get(200, `${where}/passage`, gate)).json.held, true);
    assert.equal((await get(200, where, trader)).json.holds[0].ground, null);
    await post(200, `${where}/goods-check`, officer, { result: 'satisfactory' });
    await post(202, lift, officer, { reason: 'Đạt' });
    await post(200, lift, key, { reason: 'Đạt', hold: held.holds[0].id });
    await post(422, `${where}/passage`, gate, {});
    await post(404, `${D}/199999999990/passage`, gate, { vehicle: '29C-1' });
    await get(404, `${D}/199999999990/passage`, gate);
    await post(422, `${where}/passage`, gate, { vehicle: '29C-1', code: 'AAAA-AAAA' });
    const part = { vehicle: '29C-1', packages: 20, partial: true, containers: null, code: null };
    const first = await post(200, `${where}/passage`, gate, part, { idempotency: 'part' });
    assert.deepEqual((await post(200, `${where}/passage`, gate, part, { idempotency: 'part' })).json, first.json);
    assert.equal(first.json.packages.passed, 20);
    assert.equal(first.json.declaration, undefined);
    const last = await post(200, `${where}/passage`, officer, { vehicle: '29C-2', containers: ['MSKU1234565'], partial: false });
    assert.equal(last.json.status, 'PASSED');
    await post(409, `${where}/holds`, key, { order: 'HOLD', ground: 'x' });
    await get(200, `${where}/timeline`, trader);
    const { number } = await register();
    await post(200, `${D}/${number}/holds`, key, { order: 'HOLD', ground: 'x', until: (await server.now()).slice(0, 4) + '-12-31' });
  });
}

module.exports = { decisions };
