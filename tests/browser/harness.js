// SPDX-License-Identifier: Apache-2.0
// A real browser before a real server. What the page logs as an error and what it throws fails the test.
//
//   HAIQUAN      the program [build/release/src/cli/haiquan]
//   CHROMIUM     the browser [/usr/bin/chromium]
//   SCREENSHOTS  where pictures go [build/screenshots]
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { start, place, must, importOf, until, binary } = require('../http/harness.js');

const top = path.join(__dirname, '../..');
const web = createRequire(path.join(top, 'web/package.json'));
const { chromium } = web('playwright-core');
const axe = fs.readFileSync(web.resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.SCREENSHOTS ?? path.join(top, 'build/screenshots');
const PASSWORD = 'mot mat khau rat dai';

/** People of a test server: who signs in with a password. */
const PEOPLE = {
  trader: { name: 'Người khai An Bình', role: 'declarant', tax_code: '9900000016' },
  officer: { name: 'Công chức Một', role: 'officer', office: '15BB', on_roster: true },
  leader: { name: 'Đội trưởng', role: 'team_leader', office: '15BB' },
  head: { name: 'Chi cục trưởng', role: 'branch_head', office: '15BB' },
  deputy: { name: 'Phó chi cục trưởng', role: 'team_leader', office: '15BB' },
  gate: { name: 'Kho bãi Ví dụ', role: 'operator', office: '15BB' },
  laboratory: { name: 'Kiểm nghiệm viên', role: 'laboratory', office: '00' },
  root: { name: 'Quản trị', role: 'administrator' },
  bank: { name: 'Ngân hàng Ví dụ', role: 'bank', bank: 'VDB' },
};

/** A server with its people, beginning with nothing filed. */
async function office() {
  const server = await start();
  try {
    for (const [username, person] of Object.entries(PEOPLE)) server.user({ username, password: PASSWORD, ...person });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** `haiquan demo` on a database of its own. */
async function demo() {
  const dir = place();
  const child = spawn(binary, ['demo', '--db', `sqlite:${path.join(dir, 'demo.db')}`, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (data) => (log += data));
  const gone = new Promise((resolve) => child.on('exit', resolve));
  let said = '';
  const base = await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      said += data;
      const found = said.match(/https?:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    });
    child.on('exit', (code) => reject(new Error(`the demo ended (${code})\n${said}${log}`)));
  });
  return {
    base,
    async stop() {
      child.kill('SIGTERM');
      const code = await gone;
      fs.rmSync(dir, { recursive: true, force: true });
      assert.equal(code, 0, log);
    },
  };
}

let browser = null;
async function open() {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  return browser;
}
async function close() {
  await browser?.close();
  browser = null;
}

/** Somebody before his own browser. */
class Person {
  constructor(base, page) {
    this.base = base;
    this.page = page;
    this.faults = [];
    page.on('pageerror', (error) => this.faults.push(error.stack ?? String(error)));
    page.on('console', (message) => {
      // A refused request is an answer that the page deals with; all else that is logged is a fault.
      if (message.type() === 'error' && !/Failed to load resource: the server responded with a status of 4\d\d/.test(message.text())) this.faults.push(message.text());
    });
  }

  async go(where) {
    await this.page.goto(this.base + where);
    await this.page.waitForSelector('main h1');
    return this;
  }

  async signIn(username) {
    await this.go('/');
    await this.page.fill('[name=username]', username);
    await this.page.fill('[name=password]', PASSWORD);
    await this.page.click('form button.main');
    await this.page.waitForSelector('.me');
    return this;
  }

  async become(persona) {
    await this.go('/');
    await this.page.click(`[data-persona=${persona}]`);
    await this.page.waitForSelector('.me');
    return this;
  }

  /** The box that stands at this pointer of the declaration. */
  box(pointer) {
    return this.page.locator(`[data-path="${pointer}"]`);
  }

  text(selector) {
    return this.page.locator(selector).first().innerText();
  }

  /** Waits for a status of the declaration's page. */
  async status(name) {
    await this.page.waitForSelector(`.page-head [data-status=${name}]`, { timeout: 60000 });
  }

  /** Opens the form of an act of the declaration's page. */
  async act(name) {
    await this.page.locator('.next .acts').getByRole('button', { name, exact: false }).first().click();
    await this.page.locator('#act-form form').waitFor();
  }

  /** A box of the open form of an act, by its place in the body. */
  field(pointer) {
    return this.page.locator(`form [data-path="${pointer}"]`);
  }

  /** WCAG 2.2 A and AA by axe. Injected past the page's policy, which forbids foreign scripts. */
  async accessible(what) {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Runtime.evaluate', { expression: axe });
    await session.detach();
    const found = await this.page.evaluate(async () => {
      const result = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
      return result.violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.slice(0, 4).map((n) => `${n.html.slice(0, 200)} (${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''})`).join('\n  ')}`);
    });
    assert.deepEqual(found, [], `${what}: ${found.join('\n')}`);
  }

  /** Nothing sticks out to the side: no page scrolls sideways. */
  async fits(what) {
    const over = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${what} is ${over} px too wide`); // less than 0: room kept for the scroll bar
  }

  async picture(name) {
    fs.mkdirSync(pictures, { recursive: true });
    await this.page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  }

  async leave() {
    await this.page.context().close();
    assert.deepEqual(this.faults, []);
  }
}

async function person(base, options = {}) {
  const context = await (await open()).newContext({ viewport: { width: 1440, height: 900 }, locale: 'vi-VN', timezoneId: 'America/New_York', ...options });
  return new Person(base, await context.newPage());
}

/** Two of the office put the demo's table of conditions in force: four eyes. */
async function stopFruit(server) {
  const rules = 'rule,lane,flow,kinds,hs,origins,compliance,offices,reason_vi,reason_en,legal_ground,disclosed,valid_from,valid_to\n'
    + '11,YELLOW,import,,08,,,,Kiểm dịch thực vật,Plant quarantine,Căn cứ thử nghiệm,1,2020-01-01,\n'
    + '12,RED,import,,3605,,,,Hàng nguy hiểm,Dangerous goods,,0,2020-01-01,\n';
  const headers = { 'Content-Type': 'text/csv' };
  let answer;
  for (const name of ['first', 'second']) {
    answer = await server.call('PUT', '/api/v1/risk/rules', { key: server.key({ role: 'risk_analyst', office: '00', name }), body: rules, headers });
  }
  assert.equal(answer.status, 200, answer.text);
}

module.exports = { office, demo, person, close, stopFruit, importOf, until, must, PEOPLE };
