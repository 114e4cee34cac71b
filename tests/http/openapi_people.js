// SPDX-License-Identifier: Apache-2.0
// The part of the run over the API that is about people: sessions, users, keys, four eyes.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const crypto = require('node:crypto');

/** Signs in: the headers of a browser. */
async function sessionOf(api, username, password, more = {}) {
  const answer = await api.must(201, 'POST', '/api/v1/session', { body: { username, password, ...more }, idempotency: null });
  return { Cookie: answer.headers['set-cookie'][0].split(';')[0], 'X-CSRF-Token': answer.json.csrf };
}

const callsOf = (api) => ({
  get: (status, target, key) => api.must(status, 'GET', target, { key }),
  post: (status, target, key, body, options) => api.must(status, 'POST', target, { key, body, ...options }),
  put: (status, target, key, body) => api.must(status, 'PUT', target, { key, body }),
  remove: (status, target, key) => api.must(status, 'DELETE', target, { key }),
  browser: (status, method, target, headers, body) => api.must(status, method, target, { headers, body, idempotency: null }),
  signIn: (username, password, more) => sessionOf(api, username, password, more),
});

/** The code of a moment (RFC 6238). */
function totp(secret, at) {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
  const hash = crypto.createHmac('sha1', key).update(step).digest();
  const from = hash[19] & 15;
  return String((hash.readUInt32BE(from) & 0x7fffffff) % 1000000).padStart(6, '0');
}

/** Adds the tests; `context()` gives server, API and keys once they are there. */
function people(context) {
  test('a session, its password and second factor', async () => {
    const { server, api, officer } = context();
    const { get, post, browser, signIn } = callsOf(api);
    const password = server.user({ username: 'nguoi-khai', role: 'declarant', tax_code: '9900000016', name: 'Người khai' });
    const wrong = await post(401, '/api/v1/session', undefined, { username: 'nguoi-khai', password: 'sai' }, { idempotency: null });
    assert.equal(wrong.json.code, 'SIGN_IN_WRONG');
    await post(422, '/api/v1/session', undefined, { username: 'nguoi-khai', passwort: 'x' }, { idempotency: null });
    const me = await signIn('nguoi-khai', password);
    const other = await signIn('nguoi-khai', password);
    await browser(200, 'GET', '/api/v1/session', me);
    assert.equal((await get(200, '/api/v1/session', officer)).json.csrf, undefined);
    const { items } = (await browser(200, 'GET', '/api/v1/sessions', me)).json;
    assert.equal(items.length, 2);
    await browser(204, 'DELETE', `/api/v1/sessions/${items.find((one) => !one.current).id.slice(8)}`, me);
    await browser(401, 'GET', '/api/v1/session', other);
    await browser(404, 'DELETE', '/api/v1/sessions/0', me);
    await browser(204, 'DELETE', '/api/v1/sessions', me);
    await browser(422, 'POST', '/api/v1/session/password', me, { password, new_password: 'x' });
    const changed = 'mot-mat-khau-khac-hon';
    await browser(204, 'POST', '/api/v1/session/password', me, { password, new_password: changed });

    await browser(422, 'POST', '/api/v1/session/totp', me, {});
    const { json: offer } = await browser(201, 'POST', '/api/v1/session/totp', me, { password: changed });
    const code = async () => totp(offer.secret, Date.parse(await server.now()));
    await browser(422, 'POST', '/api/v1/session/totp/confirmation', me, { password: changed });
    const on = await browser(200, 'POST', '/api/v1/session/totp/confirmation', me, { password: changed, code: await code() });
    assert.ok(on.json.recovery_codes.length >= 8);
    await browser(409, 'POST', '/api/v1/session/totp', me, { password: changed });
    const needed = await post(401, '/api/v1/session', undefined, { username: 'nguoi-khai', password: changed }, { idempotency: null });
    assert.equal(needed.json.code, 'TOTP_REQUIRED');
    const again = await signIn('nguoi-khai', changed, { code: on.json.recovery_codes[0] });
    await browser(422, 'POST', '/api/v1/session/totp/removal', again, { password: changed });
    await server.advance('PT1M');
    await browser(204, 'POST', '/api/v1/session/totp/removal', again, { password: changed, code: await code() });
    await browser(409, 'POST', '/api/v1/session/totp/removal', again, { password: changed, code: '000000' });
    await browser(409, 'POST', '/api/v1/session/totp/confirmation', again, { password: changed, code: '000000' });
    await browser(204, 'DELETE', '/api/v1/session', again);
    await browser(403, 'DELETE', '/api/v1/session', { ...me, 'X-CSRF-Token': 'x' });
    for (let i = 0; i < 12; i++) await api.call('POST', '/api/v1/session', { body: { username: 'nguoi-khai', password: 'sai' } });
    const wait = await post(429, '/api/v1/session', undefined, { username: 'nguoi-khai', password: 'sai' }, { idempotency: null });
    assert.ok(wait.json.retry_after_seconds > 0);
  });

  test('users, keys and four eyes', async () => {
    const { server, api, leader, trader } = context();
    const { get, post, put, remove, browser, signIn } = callsOf(api);
    const second = server.key({ role: 'administrator', name: 'second' });
    const local = server.key({ role: 'administrator', name: 'local', office: '20' });
    const wish = { username: 'canbo9', name: 'Cán bộ 9', role: 'officer', office: '15BB', on_roster: true };
    const made = await post(201, '/api/v1/users', server.admin, wish, { idempotency: 'user-1' });
    assert.ok(made.json.one_time_password);
    assert.equal((await post(201, '/api/v1/users', server.admin, wish, { idempotency: 'user-1' })).json.one_time_password, null);
    await post(409, '/api/v1/users', server.admin, wish);
    await post(422, '/api/v1/users', server.admin, { ...wish, username: 'x y', role: 'king' });
    await post(404, '/api/v1/users', local, { ...wish, username: 'canbo10' });
    const must = await post(401, '/api/v1/session', undefined, { username: 'canbo9', password: made.json.one_time_password }, { idempotency: null });
    assert.equal(must.json.code, 'PASSWORD_CHANGE_REQUIRED');
    await signIn('canbo9', made.json.one_time_password, { new_password: 'mat-khau-cua-can-bo' });
    const head = { username: 'truong9', name: 'Trưởng', role: 'branch_head', office: '15BB' };
    await post(202, '/api/v1/users', server.admin, head);
    const { json: chief } = await post(201, '/api/v1/users', second, head);

    const where = `/api/v1/users/${made.json.id.slice(5)}`;
    const boss = `/api/v1/users/${chief.id.slice(5)}`;
    const nobody = '/api/v1/users/019a9d6e-0c00-7000-8000-000000000001';
    await post(200, `${where}/password`, server.admin, {});
    await post(202, `${boss}/password`, server.admin);
    await post(200, `${boss}/password`, second);
    await post(404, `${nobody}/password`, server.admin, {});
    await put(204, `${where}/roster`, server.admin, { on_roster: false });
    await put(422, `${boss}/roster`, server.admin, { on_roster: true });
    await put(404, `${nobody}/roster`, server.admin, { on_roster: true });
    await post(204, `${where}/disabling`, server.admin, {});
    await post(404, `${nobody}/disabling`, server.admin, {});
    await post(204, `${where}/enabling`, server.admin);
    await post(404, `${nobody}/enabling`, server.admin, {});
    await remove(204, `${where}/sessions`, server.admin);
    await remove(404, `${nobody}/sessions`, server.admin);
    const page = await get(200, '/api/v1/users?office=15BB&limit=1', server.admin);
    await get(200, `/api/v1/users?limit=200&cursor=${page.json.next}`, server.admin);
    await get(422, '/api/v1/users?limit=0', server.admin);
    const password = server.user({ username: 'quan-tri', role: 'administrator', name: 'Quản trị' });
    const me = await signIn('quan-tri', password);
    const self = (await browser(200, 'GET', '/api/v1/session', me)).json.id.slice(5);
    await browser(409, 'POST', `/api/v1/users/${self}/disabling`, me, {});

    const key = { name: 'máy', role: 'officer', office: '15BB' };
    const added = await post(201, '/api/v1/keys', server.admin, key, { idempotency: 'key-1' });
    assert.equal((await post(201, '/api/v1/keys', server.admin, key, { idempotency: 'key-1' })).json.key, null);
    await post(202, '/api/v1/keys', server.admin, { name: 'nh', role: 'bank', bank: 'XYZ' });
    await post(422, '/api/v1/keys', server.admin, { role: 'officer' });
    await post(404, '/api/v1/keys', local, key);
    const at = `/api/v1/keys/${added.json.id.slice(4)}`;
    await put(204, `${at}/roster`, server.admin, { on_roster: true });
    await put(422, `${at}/roster`, server.admin, {});
    await put(404, '/api/v1/keys/0/roster', server.admin, { on_roster: true });
    await get(200, '/api/v1/roster?office=15BB', leader);
    await get(404, '/api/v1/roster?office=20BB', leader);
    await remove(204, at, server.admin);
    await remove(404, '/api/v1/keys/0', server.admin);
    await get(422, '/api/v1/keys?cursor=x', server.admin);
    await get(200, '/api/v1/roles', trader);
  });
}

module.exports = { people, sessionOf };
