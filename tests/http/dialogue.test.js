// SPDX-License-Identifier: Apache-2.0
// Attachments, instructions and answers over HTTP: types that lie, signatures, repeated keys.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { start, importOf } = require('./harness.js');

const D = '/api/v1/declarations';
const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
let server;
let trader;
let officer;
before(async () => {
  server = await start();
  trader = server.key({ role: 'declarant', tax_code: '9900000016' });
  officer = server.key({ role: 'officer', office: '15BB' });
});
after(async () => {
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out);
  await server.stop();
});

const send = (key, bytes, name, type = 'application/octet-stream') =>
  server.post(`/api/v1/attachments?name=${name}`, key, bytes, { headers: { 'Content-Type': type } });
const filed = async () => (await server.post(`${D}?mode=register`, trader, importOf())).json.number;

test('a file that lies about its type is refused before it can be attached', async () => {
  for (const [bytes, name, type] of [
    [Buffer.from('MZ\x90\0' + 'x'.repeat(400), 'latin1'), 'invoice.pdf', 'application/pdf'],
    [PDF, 'photo.jpg', 'image/jpeg'],
    [PDF, 'invoice.xlsx', 'application/octet-stream'],
    [Buffer.from('<html><script>alert(1)</script></html>'), 'contract.txt', 'text/plain'],
    [PDF.subarray(0, 8), 'invoice.pdf', 'application/pdf'],
  ]) {
    const refused = await send(trader, bytes, name, type);
    assert.equal(refused.status, 415, `${name}: ${refused.text}`);
    assert.ok(refused.json.detail || refused.json.title);
  }
  const number = await filed();
  const made = (await send(trader, PDF, 'invoice.pdf', 'application/pdf')).json;
  const attached = await server.post(`${D}/${number}/attachments`, trader, { file: made.id, kind: 'INVOICE' });
  assert.equal(attached.status, 200, attached.text);
  assert.equal(attached.json.attachments[0].type, 'application/pdf');
  assert.equal(attached.json.attachments[0].sha256, crypto.createHash('sha256').update(PDF).digest('hex'));
});

test('a signature over the hash is verified and kept, a bad one is refused and nothing is attached', async () => {
  const number = await filed();
  const { id } = (await send(trader, PDF, 'invoice.pdf')).json;
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
  const hash = crypto.createHash('sha256').update(PDF).digest();
  const signature = { algorithm: 'Ed25519', public_key: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex'),
    value: crypto.sign(null, hash, privateKey).toString('hex') };
  const attach = (changes) => server.post(`${D}/${number}/attachments`, trader, { file: id, kind: 'INVOICE', signature: { ...signature, ...changes } });
  for (const [changes, rule, path] of [
    [{ value: crypto.sign(null, Buffer.from('other'), privateKey).toString('hex') }, 'HQ608', '/signature/value'],
    [{ public_key: '0'.repeat(64) }, 'HQ608', '/signature/value'],
    [{ value: 'xy' }, 'HQ607', '/signature/value'],
    [{ public_key: signature.public_key.slice(2) }, 'HQ607', '/signature/public_key'],
    [{ algorithm: 'RSA' }, 'HQ014', '/signature/algorithm'],
    [{ certificate: 'x' }, 'HQ002', '/signature/certificate'],
  ]) {
    const refused = await attach(changes);
    assert.equal(refused.status, 422, refused.text);
    assert.deepEqual(refused.json.errors.map((one) => [one.rule, one.path]), [[rule, path]], refused.text);
    assert.ok(refused.json.errors[0].text.vi && refused.json.errors[0].text.en);
  }
  assert.deepEqual((await server.get(`${D}/${number}`, trader)).json.attachments, []);
  assert.deepEqual((await attach({})).json.attachments[0].signature, signature);
});

test('the same key asks once, and its answer stays what it was', async () => {
  const rules = 'rule,lane,flow,kinds,hs,origins,compliance,offices,reason_vi,reason_en,legal_ground,disclosed,valid_from,valid_to\n' +
    '301,YELLOW,import,A12,8481,CN,,15BB,Thử,Test,,0,2020-01-01,\n';
  const type = { 'Content-Type': 'text/csv' };
  const analysts = [server.key({ role: 'risk_analyst', name: 'a' }), server.key({ role: 'risk_analyst', name: 'b' })];
  for (const key of analysts) await server.call('PUT', '/api/v1/risk/rules', { key, body: rules, headers: type });
  const { number, status } = (await server.post(`${D}?mode=register`, trader, importOf({ kind: 'A12' }))).json;
  assert.equal(status, 'DOCUMENT_CHECK');
  const ask = (body, idempotency) => server.post(`${D}/${number}/instructions`, officer, body, { idempotency });
  const body = { kind: 'EXPLAIN', text: 'Giải trình trị giá' };
  const first = await ask(body, 'k1');
  assert.equal(first.status, 200, first.text);
  await ask(body, 'k2');
  const again = await ask(body, 'k1');
  assert.equal(again.text, first.text);
  assert.equal((await ask({ ...body, text: 'Khác' }, 'k1')).json.code, 'KEY_REUSED');
  assert.equal((await server.get(`${D}/${number}`, officer)).json.instructions.length, 2);
  assert.equal((await server.post(`${D}/${number}/answers`, trader, { instruction: 1, text: 'x' }, { idempotency: null })).json.code, 'KEY_MISSING');
});

test('two who close at once: one does, the other is told', async () => {
  const { items } = (await server.get(`${D}?status=DOCUMENT_CHECK`, officer)).json;
  const { number } = items[0];
  const close = () => server.post(`${D}/${number}/instructions/1/closure`, officer, {});
  const answers = (await Promise.all([close(), close(), close()])).map((one) => one.status).sort();
  assert.deepEqual(answers, [200, 409, 409]);
});

test('an attachment is read within scope, with its type and name', async () => {
  const number = await filed();
  const { id } = (await send(trader, PDF, 'invoice.pdf')).json;
  await server.post(`${D}/${number}/attachments`, trader, { file: id, kind: 'INVOICE' });
  const read = await server.get(`${D}/${number}/attachments/${id}`, officer);
  assert.equal(read.status, 200);
  assert.equal(read.headers['content-type'], 'application/pdf');
  assert.match(read.headers['content-disposition'], /invoice\.pdf/);
  assert.equal((await server.get(`${D}/${number}/attachments/${id}`, server.key({ role: 'officer', office: '20BB' }))).status, 404);
});
