// SPDX-License-Identifier: Apache-2.0
// A row of the tables that is corrected later changes no declaration that stood on it.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { start, importOf, must } = require('./harness.js');

let server;
let declarant;
before(async () => {
  server = await start();
  declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
});
after(() => server.stop());

const tariff = 'hs,tax,scheme,valid_from,valid_to,rate_percent,amount,amount_unit,amount_currency,countries,countries_excluded,producer,condition,source';

function correct(table, header, row) {
  const file = path.join(server.dir, `${table}.csv`);
  fs.writeFileSync(file, `${header}\n${row}\n`);
  must(['reference', 'import', '--db', server.db, table, file]);
}

const record = async (number) => (await server.get(`/api/v1/declarations/${number}`, declarant)).json.assessment;

test('record and receipt keep the rates of their day, the difference tells both', async () => {
  const made = (await server.post('/api/v1/declarations?mode=register', declarant, importOf())).json;
  const early = (await server.post('/api/v1/declarations', declarant, importOf())).json;
  const duty = made.assessment.lines[0].taxes[0];
  const [rate] = made.assessment.exchange_rates;
  const row = (await server.get('/api/v1/reference/tariff/84818099?origin=CN', declarant)).json.items
    .find((item) => item.tax === 'IMPORT' && item.scheme === 'B01');
  for (const percent of [13, 17]) {
    correct('tariff', tariff, `84818099,IMPORT,B01,${row.valid_from},,${percent},,,,,,,,corrected`);
  }
  correct('exchange_rates', 'currency,valid_from,valid_to,rate,source', `USD,${rate.valid_from},,26000,corrected`);
  for (const restart of [false, true]) {
    if (restart) {
      await server.down();
      await server.up();
    }
    assert.deepEqual(await record(made.number), made.assessment);
    const receipt = path.join(server.dir, 'receipt.json');
    fs.writeFileSync(receipt, (await server.get(`/api/v1/declarations/${made.number}/receipt?wait=2`, declarant)).text);
    must(['receipt', 'verify', receipt]);
  }
  const refused = await server.post(`/api/v1/declarations/${early.number}/registration`, declarant, {});
  assert.equal(refused.status, 409, refused.text);
  const told = refused.json.difference.find((one) => one.kind === 'tax' && one.tax === 'IMPORT');
  assert.deepEqual([told.before.rate, told.after.rate], [duty.rate, '17']);
  const changed = refused.json.difference.find((one) => one.kind === 'exchange_rate');
  assert.deepEqual([changed.before, changed.after], [rate.rate, '26000']);
  const accepted = await server.post(`/api/v1/declarations/${early.number}/registration`, declarant, { accept: refused.json.token });
  assert.equal(accepted.status, 200, accepted.text);
  assert.equal(accepted.json.assessment.lines[0].taxes[0].rate, '17');
  assert.deepEqual(await record(early.number), accepted.json.assessment);
});

test('what lies between two corrections keeps what it saw', async () => {
  const made = (await server.post('/api/v1/declarations?mode=register', declarant, importOf())).json;
  assert.equal(made.assessment.lines[0].taxes[0].rate, '17');
  correct('tariff', tariff, '84818099,IMPORT,B01,2030-01-01,,25,,,,,,,,later'); // closes the row, changes nothing of it
  correct('tariff', tariff, '84818099,IMPORT,B01,2020-01-01,2029-12-31,19,,,,,,,,corrected again');
  assert.deepEqual(await record(made.number), made.assessment);
});

test('an exemption that is taken back stays with those that had it', async () => {
  const header = 'code,tax,effect,name_vi,name_en,legal_ground,valid_from,valid_to';
  correct('exemptions', header, 'XT9,IMPORT,EXEMPT,Miễn thử,Test exemption,ground,2020-01-01,');
  const line = importOf().lines[0];
  const body = importOf({ lines: [{ ...line, exemption: { code: 'XT9' } }] });
  const made = await server.post('/api/v1/declarations?mode=register', declarant, body);
  assert.equal(made.status, 201, made.text);
  correct('exemptions', header, 'XT9,IMPORT,EXEMPT,Miễn thử,Test exemption,ground,2020-01-01,2020-12-31');
  assert.deepEqual(await record(made.json.number), made.json.assessment);
});

test('what a command imports is there when it ends, from the first moment of the server on', async () => {
  await server.down();
  await server.up();
  correct('exemptions', 'code,tax,effect,name_vi,name_en,legal_ground,valid_from,valid_to', 'XT8,IMPORT,EXEMPT,Miễn thử,Test exemption,ground,2020-01-01,');
  const line = importOf().lines[0];
  const made = await server.post('/api/v1/declarations?mode=register', declarant, importOf({ lines: [{ ...line, exemption: { code: 'XT8' } }] }));
  assert.equal(made.status, 201, made.text);
});

test('the journal agrees', () => assert.equal(server.verify().code, 0));
