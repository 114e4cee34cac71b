// SPDX-License-Identifier: Apache-2.0
// The server is killed at random moments under load (HQ_KILLS times, 20 when not said). Nothing that was
// acknowledged may be missing, nothing may be there twice, the journal must verify and the books balance.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { start, until } = require('../http/harness.js');
const { Load } = require('./load.js');

const kills = Number(process.env.HQ_KILLS ?? 20);

test(`${kills} kills under load lose nothing and double nothing`, { timeout: kills * 60000 }, async (t) => {
  const server = await start();
  const load = new Load(server);
  let before = 0;
  for (let round = 1; round <= kills; round++) {
    let stopped = false;
    const running = load.run(16, () => stopped);
    // Every other round from a load that comes through, however slow; the rest from the first moment on.
    if (round % 2 === 0) await until(() => load.acknowledged.size > before, 'the load comes through');
    await new Promise((later) => setTimeout(later, 30 + crypto.randomInt(600)));
    await server.down('SIGKILL');
    stopped = true;
    await running;
    const journal = server.verify(); // before anybody repairs anything
    assert.equal(journal.code, 0, `round ${round}: ${journal.out}${journal.err}`);
    await server.up();
    await load.repeat();
    assert.equal(load.unsure.size, 0, `round ${round}: ${[...load.failures]}`);
    const faults = await load.faults();
    assert.deepEqual(faults, [], `round ${round}`);
    before = load.acknowledged.size;
  }
  const doctor = server.doctor();
  assert.equal(doctor.code, 0, doctor.out + doctor.err);
  t.diagnostic(`${kills} kills, ${load.acknowledged.size} declarations, ${load.paid.size} paid`);
  await server.stop();
});
