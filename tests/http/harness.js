// SPDX-License-Identifier: Apache-2.0
// Starts the real program on a fresh database and a free port, and talks to it. Used by the tests over
// HTTP, by those that kill the server, and by those in a browser.
//
//   const server = await start();                 // init --test, demo tables, serve --test-clock
//   const key = server.key({ role: 'declarant', tax_code: '9900000016' });
//   const answer = await server.call('POST', '/api/v1/declarations?mode=register', { key, body: importOf() });
//   await server.stop();
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const binary = process.env.HAIQUAN ?? path.join(__dirname, '../../build/release/src/cli/haiquan');

/** Runs a command to its end: { code, out, err }. */
function run(args, options = {}) {
  const done = spawnSync(binary, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' }, ...options });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

function must(args) {
  const done = run(args);
  if (done.code !== 0) throw new Error(`haiquan ${args.join(' ')}: exit ${done.code}\n${done.out}${done.err}`);
  return done.out.trim();
}

const prefix = 'haiquan-test-';

function isAlive(pid) {
  try { process.kill(pid, 0); } catch (error) { return error.code !== 'ESRCH'; }
  return true;
}

/** Folders of tests that were killed: their name says whose they were. */
function sweep(root) {
  for (const name of fs.readdirSync(root)) {
    const owner = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : NaN;
    if (!(owner > 0) || isAlive(owner)) continue;
    const dir = path.join(root, name);
    spawnSync('umount', ['-l', dir], { stdio: 'ignore' }); // a small disk of the test that fills one
    try { fs.rmSync(dir, { recursive: true, force: true }); } catch { /* somebody else's */ }
  }
}

let swept = false;
/** A folder of this test's own; who makes it removes it. */
function place(root = os.tmpdir()) {
  if (!swept) sweep(os.tmpdir());
  swept = true;
  return fs.mkdtempSync(path.join(root, `${prefix}${process.pid}-`));
}

const running = new Set();
process.on('exit', () => {
  for (const server of running) {
    server.child.kill('SIGKILL');
    server.remove();
  }
});
// Without these a runner that ends this process would leave its servers running.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

class Server {
  constructor(options) {
    this.options = { test: true, demo: true, flags: [], ...options };
    this.dir = place(options.root);
    this.db = `sqlite:${path.join(this.dir, 'a.db')}`;
    this.admin = must(['init', '--db', this.db, ...(this.options.test ? ['--test'] : [])]);
    if (this.options.demo) must(['reference', 'load-demo', '--db', this.db]);
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    this.keys = new Map();
  }

  /** Serves, or runs another command that does; resolves when it listens. */
  async up(command) {
    const flags = command ?? ['serve', '--db', this.db, '--listen', '127.0.0.1:0', ...this.options.flags];
    if (this.options.test) flags.push('--test-clock');
    const limits = this.options.shell;
    this.child = limits
      ? spawn('/bin/sh', ['-c', `${limits}; exec "$0" "$@"`, binary, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn(binary, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.log = '';
    this.child.stderr.on('data', (data) => { this.log += data; });
    this.gone = new Promise((resolve) => this.child.on('exit', (code, signal) => resolve({ code, signal })));
    let said = '';
    this.base = await new Promise((resolve, reject) => {
      this.child.stdout.on('data', (data) => {
        said += data;
        const found = said.match(/https?:\/\/127\.0\.0\.1:\d+/);
        if (found) resolve(found[0]);
      });
      this.child.on('exit', (code) => reject(new Error(`the server ended (${code}) before it listened\n${said}${this.log}`)));
    });
    this.port = Number(new URL(this.base).port);
    // A test that fails half-way must not wait for its server for ever: it goes with this process.
    for (const handle of [this.child, this.child.stdout, this.child.stderr]) handle.unref();
    running.add(this);
    return this;
  }

  /** An API key; made once for the same wish. */
  key(wish) {
    const id = JSON.stringify(wish);
    if (!this.keys.has(id)) {
      const flags = Object.entries(wish).flatMap(([name, value]) => [`--${name.replace('_', '-')}`, value]);
      this.keys.set(id, must(['key', 'add', '--db', this.db, ...flags]));
    }
    return this.keys.get(id);
  }

  user(wish) {
    const file = path.join(this.dir, 'password');
    const { password = 'mat-khau-thu-nghiem', ...rest } = wish;
    fs.writeFileSync(file, `${password}\n`);
    const flags = Object.entries(rest).flatMap(([name, value]) =>
      value === true ? [`--${name.replace('_', '-')}`] : [`--${name.replace('_', '-')}`, value]);
    must(['user', 'add', '--db', this.db, '--password-file', file, ...flags]);
    fs.rmSync(file);
    return password;
  }

  /** One request. body: an object is sent as JSON, a string or Buffer as it is. A POST gets an
   *  Idempotency-Key unless `idempotency` is null. Rejects only when no answer came. */
  call(method, target, options = {}) {
    const { key, body, idempotency, language = 'en', timeout = 90000 } = options;
    const headers = { 'Accept-Language': language };
    let bytes = null;
    if (body !== undefined) {
      bytes = typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
      headers['Content-Type'] = 'application/json';
      headers['Content-Length'] = bytes.length;
    }
    if (key) headers.Authorization = `Bearer ${key}`;
    if (method === 'POST' && idempotency !== null) headers['Idempotency-Key'] = idempotency ?? crypto.randomUUID();
    Object.assign(headers, options.headers);
    return new Promise((resolve, reject) => {
      const request = http.request(`${this.base}${target}`, { method, headers, agent: options.agent ?? this.agent, timeout }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          let json;
          try { json = JSON.parse(text); } catch { json = undefined; }
          resolve({ status: answer.statusCode, headers: answer.headers, text, json });
        });
      });
      request.on('timeout', () => request.destroy(new Error(`no answer in ${timeout} ms: ${method} ${target}`)));
      request.on('error', reject);
      request.end(bytes ?? undefined);
    });
  }

  get(target, key, options = {}) { return this.call('GET', target, { key, ...options }); }
  post(target, key, body, options = {}) { return this.call('POST', target, { key, body, ...options }); }

  /** Moves the clock of the test server. */
  async advance(by) {
    const answer = await this.post('/api/v1/test/clock', this.admin, { advance: by });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.json.now;
  }

  async now() { return (await this.post('/api/v1/test/clock', this.admin, { advance: 'PT0S' })).json.now; }

  /** Ends it in order; the database stays until `remove`. */
  async down(signal = 'SIGTERM') {
    this.child.ref();
    running.delete(this);
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    this.agent.destroy();
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    return this.gone;
  }

  remove() { fs.rmSync(this.dir, { recursive: true, force: true }); }

  async stop() {
    const end = await this.down();
    this.remove();
    if (end.code !== 0) throw new Error(`the server ended with ${JSON.stringify(end)}\n${this.log}`);
  }

  verify() { return run(['journal', 'verify', '--db', this.db]); }
  doctor() { return run(['doctor', '--db', this.db]); }
}

const start = async (options = {}) => new Server(options).up();

let counter = 0;
/** A declaration that is in order: one line of valves from China by trader An Binh of the demo tables. */
function importOf(changes = {}) {
  // Yesterday at +07:00: an invoice may not be of tomorrow, whatever the zone of this machine.
  const day = new Date(Date.now() - 17 * 3600e3).toISOString().slice(0, 10);
  return {
    flow: 'import', kind: 'A11', office: '15BB', transport_mode: '4', parties: '4',
    importer: { tax_code: '9900000016', name: 'Công ty TNHH Ví dụ An Bình', address: 'Số 1, đường Ví dụ' },
    exporter: { name: 'Example Valve Works', address: '1 Sample Road', country: 'CN' },
    bills: ['VD0001'], packages: { count: 120, unit: 'CT' }, gross_weight: { amount: '12340.500', unit: 'KGM' },
    storage_place: '15BBC01', conveyance: '12C-12345', arrival_date: day, loading_place: 'CNPIN', unloading_place: 'VNHNG',
    invoice: { number: 'INV-1', date: day, payment_method: 'TTR', price_kind: 'A', incoterm: 'CIF', currency: 'USD', total: '61500.00' },
    valuation: { method: '6' }, payment: { term: 'D' }, reference: `T${String(++counter).padStart(6, '0')}`,
    lines: [{
      hs: '84818099', description: 'Van bằng thép không gỉ', origin: 'CN', scheme: 'B01',
      quantity: { amount: '1000.00', unit: 'PCE' }, unit_price: '61.5', invoice_value: '61500.00',
    }],
    ...changes,
  };
}

/** Waits until `test` gives something true; fails after `ms`. */
async function until(test, what, ms = 90000) {
  const end = Date.now() + ms;
  for (;;) {
    const got = await test();
    if (got) return got;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

module.exports = { start, place, Server, run, must, importOf, until, binary };
