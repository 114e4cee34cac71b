// SPDX-License-Identifier: Apache-2.0
// The disk is full: requests are refused, what was acknowledged stays, and when there is room again the
// work goes on. On a small disk in memory where the system lets us mount one; otherwise under a limit on
// the size of files, which fails in the same calls.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { place, start, until } = require('../http/harness.js');
const { Load } = require('./load.js');

function smallDisk() {
  const dir = place();
  const mounted = !process.env.HQ_NO_MOUNT && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', dir]).status === 0;
  return {
    dir, mounted,
    grow: () => mounted && spawnSync('mount', ['-o', 'remount,size=200m', dir]),
    gone: () => { if (mounted) spawnSync('umount', ['-l', dir]); fs.rmSync(dir, { recursive: true, force: true }); },
  };
}

async function fillUntilRefused(load) {
  let refused = 0;
  await load.run(8, () => {
    refused = [...load.failures.values()].reduce((sum, one) => sum + one, 0);
    return refused >= 40 || load.acknowledged.size > 60000;
  });
  return refused;
}

async function holds(server, load) {
  assert.deepEqual(await load.faults(), []);
  const journal = server.verify();
  assert.equal(journal.code, 0, journal.out + journal.err);
}

test('a full disk refuses, keeps what was acknowledged, and recovers', { timeout: 300000 }, async (t) => {
  const disk = smallDisk();
  t.diagnostic(disk.mounted ? 'a disk of 32 MB' : 'no mount here: files limited to 32 MB');
  // In 512-byte blocks; ignored, the signal becomes an error of the write.
  const shell = disk.mounted ? undefined : "trap '' XFSZ; ulimit -f 65536";
  const server = await start({ root: disk.dir, shell });
  try {
    const load = new Load(server);
    const refused = await fillUntilRefused(load);
    assert.ok(refused >= 40, 'it became full');
    for (const status of load.failures.keys()) assert.ok([503, 507].includes(status), `refused with ${status}`);
    assert.equal((await server.get('/livez')).status, 200, 'it still lives');
    const one = [...load.acknowledged.values()][0];
    assert.equal((await server.get(`/api/v1/declarations/${one}/timeline`, load.declarant)).status, 200, 'it still reads');
    const early = load.acknowledged.size;
    disk.grow();
    if (!disk.mounted) {
      await server.down();
      server.options.shell = undefined;
      await server.up();
    }
    load.failures.clear();
    await until(async () => { await load.repeat(); return load.unsure.size === 0; }, 'work goes on');
    assert.ok(load.acknowledged.size > early);
    await holds(server, load);
    await server.down();
    await server.up();
    await holds(server, load);
    const doctor = server.doctor();
    assert.match(doctor.out, /^ok {2}the treasury's books balance/m, doctor.out);
    t.diagnostic(`${load.acknowledged.size} declarations`);
    await server.down();
  } finally {
    await server.down('SIGKILL');
    disk.gone();
  }
});
