// SPDX-License-Identifier: Apache-2.0
// The part of the run over the API that is about accounts of goods.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');

const B = '/api/v1/balances';
const listOf = (changes = {}) => ({
  kind: 'EXEMPTION_LIST', office: '15BB', title: 'Máy tạo tài sản cố định', legal_ground: 'Giấy chứng nhận đầu tư', valid_from: '2026-01-01', valid_to: '2099-12-31',
  lines: [{ line: 1, role: null, hs: '8481', description: 'Van', quantity: { amount: '500', unit: 'PCE' } }], ...changes,
});
const contractOf = (changes = {}) => ({
  kind: 'PROCESSING', number: 'HD-01', holder: '9900000016', office: '15BB', title: 'Gia công', valid_from: '2026-01-01', valid_to: '2099-12-31',
  lines: [{ role: 'MATERIAL', code: 'VAI', description: 'Vải', quantity: { amount: null, unit: 'KGM' } },
    { role: 'PRODUCT', code: 'O1', hs: '66019900', description: 'Ô', quantity: { unit: 'PCE' }, norms: [{ line: 1, quantity: '0.25' }] }], ...changes,
});

function balances(given) {
  const calls = () => {
    const { api } = given();
    return {
      get: (status, target, key) => api.must(status, 'GET', target, { key }),
      post: (status, target, key, body, options) => api.must(status, 'POST', target, { key, body, ...options }),
      put: (status, target, key, body, options) => api.must(status, 'PUT', target, { key, body, ...options }),
    };
  };
  const old = { headers: { 'If-Match': '"999"' } };

  test('exemption lists: registered, decided, amended, ended', async () => {
    const { officer, trader, agent, server } = given();
    const { get, post, put } = calls();
    const made = await post(201, B, trader, listOf());
    const where = made.headers.location;
    assert.match(made.json.number, /^\d{12}$/);
    const bad = await post(422, B, trader, listOf({ number: 'X', ofice: '15BB', office: 'NONE', lines: [] }));
    assert.deepEqual(bad.json.errors.map((error) => error.path).sort(), ['/lines', '/number', '/office', '/ofice']);
    await post(403, B, agent, listOf({ holder: '9900000048' }));
    await get(404, where, agent);
    const stranger = server.key({ role: 'officer', office: '16' });
    await get(404, where, stranger);
    for (const verb of ['approval', 'refusal', 'suspension', 'resumption', 'extension', 'cancellation']) {
      const body = { reason: 'Lý do', ...(verb === 'extension' && { valid_to: '2100-01-01' }) };
      await post(404, `${where}/${verb}`, stranger, body);
      await post(412, `${where}/${verb}`, officer, body, old);
      await post(422, `${where}/${verb}`, officer, { raeson: 'x' });
    }
    for (const verb of ['suspension', 'resumption', 'extension']) await post(409, `${where}/${verb}`, officer, { reason: 'Lý do', ...(verb === 'extension' && { valid_to: '2100-01-01' }) });
    await put(412, where, trader, listOf(), old);
    await put(404, where, agent, listOf());
    await put(422, where, trader, listOf({ office: '15' }));
    assert.equal((await post(200, `${where}/refusal`, officer, { reason: 'Thiếu giấy phép' })).json.state, 'REFUSED');
    assert.equal((await put(200, where, trader, listOf({ title: 'Máy, sửa' }))).json.state, 'DECLARED');
    assert.equal((await post(200, `${where}/approval`, officer, {})).json.state, 'REGISTERED');
    const wrong = await post(409, `${where}/approval`, officer);
    assert.deepEqual(wrong.json.balance_possible, ['suspension', 'extension', 'cancellation']);
    await post(409, `${where}/refusal`, officer, { reason: 'Muộn' });
    const asked = await put(200, where, trader, listOf({ lines: [{ line: 1, hs: '8481', description: 'Van', quantity: { amount: '700', unit: 'PCE' } }] }));
    assert.equal(asked.json.lines[0].opened, '500.00');
    assert.equal(asked.json.amendment.lines[0].quantity.amount, '700');
    assert.equal((await post(200, `${where}/approval`, officer, {})).json.lines[0].left, '700.00');
    await post(200, `${where}/suspension`, officer, { reason: 'Kiểm tra' });
    await post(200, `${where}/resumption`, officer, {});
    await post(200, `${where}/extension`, officer, { valid_to: '2100-06-30', reason: 'Dự án chậm' });
    await post(200, `${where}/cancellation`, officer, { reason: 'Dừng dự án' });
    await post(409, `${where}/cancellation`, officer, { reason: 'Lần nữa' });
    await put(409, where, trader, listOf());
    const page = await get(200, `${B}?kind=EXEMPTION_LIST&state=CANCELLED&holder=9900000016&q=may&limit=1`, officer);
    assert.equal(page.json.items.length, 1);
    await get(422, `${B}?kind=x`, officer);
    assert.equal((await get(200, B, agent)).json.items.length, 0);
  });

  test('contracts, with movements and report', async () => {
    const { officer, trader, agent } = given();
    const { get, post } = calls();
    const made = await post(201, B, trader, contractOf());
    const where = made.headers.location;
    const again = await post(409, B, trader, contractOf());
    assert.match(again.json.detail, /HD-01|hợp đồng|contract/);
    await post(200, `${where}/approval`, officer, { reason: null });
    const whole = await get(200, `${where}?limit=1`, officer);
    assert.equal(whole.json.movements.items.length, 0);
    assert.equal(whole.json.lines[1].left, null);
    await get(422, `${where}?limit=0`, trader);
    const report = await get(200, `${where}/report`, trader);
    assert.equal(report.json.lines.length, 2);
    await get(404, `${where}/report`, agent);
  });

  test('items: many by file, one by one', async () => {
    const { trader, agent } = given();
    const { get, put } = calls();
    const I = '/api/v1/items';
    const remove = (status, target, options) => given().api.must(status, 'DELETE', target, { key: trader, ...options });
    const csv = { headers: { 'Content-Type': 'text/csv' } };
    const lines = { headers: { 'Content-Type': 'application/x-ndjson' } };
    const file = 'code,description,hs,origin,unit,price,currency\nVAN-01,Van thép,84818099,CN,PCE,61.5,USD\nO-02,Ô gấp,66019900,CN,PCE,,\n';
    assert.deepEqual((await put(200, I, trader, file, csv)).json, { added: 2, changed: 0, unchanged: 0 });
    const more = [{ code: 'VAN-01', description: 'Van thép', hs: '84818099', origin: 'CN', unit: 'PCE', price: '61.5', currency: 'USD' },
      { code: 'O-02', description: 'Ô gấp cầm tay', hs: null, origin: 'CN', unit: 'PCE', price: null, currency: null }];
    assert.deepEqual((await put(200, I, trader, more.map((one) => JSON.stringify(one)).join('\n'), lines)).json, { added: 0, changed: 1, unchanged: 1 });
    const bad = await put(422, I, trader, 'code,description,hs,price\nA 1,x,123,1e3\nB,,99999999,1.1234567\n', csv);
    assert.deepEqual(bad.json.errors.map((error) => error.path), ['/line/2/hs', '/line/2/code', '/line/2/price', '/line/3/description', '/line/3/hs', '/line/3/price']);
    assert.deepEqual((await put(422, I, trader, 'code,descripton\nA,x\n', csv)).json.errors.map((error) => error.rule), ['HQ001']);
    await put(403, `${I}?trader=9900000055`, agent, file, csv);
    await get(403, `${I}?trader=9900000055`, agent);
    assert.equal((await get(200, `${I}?q=van%20thep`, trader)).json.items.length, 1);
    assert.equal((await get(200, `${I}?limit=1`, trader)).json.next, 'O-02');
    assert.equal((await get(200, I, agent)).json.items.length, 0);
    assert.equal((await get(200, `${I}?trader=9900000016`, agent)).json.items.length, 2);
    await get(422, `${I}?limit=0`, trader);
    assert.equal((await put(201, `${I}/MOI-3`, trader, { description: 'Hàng mới' })).json.version, 1);
    const changed = await put(200, `${I}/MOI-3`, trader, { description: 'Hàng mới', price: '1.50' });
    assert.equal(changed.json.price, '1.5');
    await put(412, `${I}/MOI-3`, trader, { description: 'Khác' }, { headers: { 'If-Match': '"1"' } });
    const wrong = await put(422, `${I}/MOI-3`, trader, { descripion: 'x', price: 7 });
    assert.deepEqual(wrong.json.errors.map((error) => error.rule).sort(), ['HQ001', 'HQ003', 'HQ004']);
    await put(403, `${I}/MOI-3?trader=9900000055`, agent, { description: 'x' });
    await get(200, `${I}/MOI-3`, trader);
    await get(403, `${I}/MOI-3?trader=9900000055`, agent);
    await remove(412, `${I}/MOI-3`, { headers: { 'If-Match': '"1"' } });
    await remove(200, `${I}/MOI-3`);
    await remove(404, `${I}/MOI-3`);
    await get(404, `${I}/MOI-3`, trader);
    let code = 0;
    const many = (count) => Array.from({ length: count }, () => `{"code":"N${++code}","description":"x"}`).join('\n');
    for (let i = 0; i < 4; i++) if (i < 3) await put(200, I, trader, many(5000), lines); else await put(409, I, trader, many(5000), lines);
    await put(413, I, trader, many(5001), lines);
    const left = 20000 - 15002;
    await put(200, I, trader, many(left), lines);
    await put(409, `${I}/EINS`, trader, { description: 'Một quá nhiều' });
  });
}

module.exports = { balances, listOf, contractOf };
