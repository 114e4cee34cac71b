// SPDX-License-Identifier: Apache-2.0
// Every route by every role: what the route table says is what the server does.
'use strict';
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { start, run } = require('./harness.js');

const office = { office: '15BB' };
const holders = {
  declarant: { tax_code: '9900000016' }, officer: office, team_leader: office, branch_head: office,
  department_head: { office: '15' }, headquarters: { office: '00' }, supervisor: { office: '15' }, risk_analyst: { office: '15' },
  laboratory: office, inspectorate: { office: '15' }, bank: { bank: 'VDB' }, treasury: {}, operator: office, carrier: {},
  administrator: {}, auditor: { office: '00' },
};
// The type of body a route takes, with one that cannot do anything.
const bodies = [['csv', 'text/csv', 'x\n'], ['ndjson', 'application/x-ndjson', '{}\n'], ['form', 'application/x-www-form-urlencoded', 'x=1']];

const routes = JSON.parse(run(['routes', '--json']).out);
let server;
before(async () => { server = await start(); });
after(() => server.stop());

const place = (route) => route.pattern.replaceAll(/\{[^}]*\}/g, '0').replace('/reference/0', '/reference/kinds');

async function ask(route, key) {
  const [, type, body] = bodies.find(([flag]) => route[flag]) ?? ['', 'application/json', '{}'];
  const options = { key, headers: {} };
  if (route.method !== 'GET') {
    options.body = body;
    options.headers['Content-Type'] = type;
  }
  return server.call(route.method, place(route), options);
}

test('the table is not empty and names each route once', () => {
  assert.ok(routes.length > 40);
  const seen = new Set(routes.map((route) => `${route.method} ${route.pattern}`));
  assert.equal(seen.size, routes.length);
  for (const route of routes) assert.ok(route.public || route.roles.length > 0);
});

test('what creates or pays wants a key', () => {
  for (const pattern of ['/api/v1/declarations', '/api/v1/payments', '/api/v1/guarantees']) {
    assert.ok(routes.find((route) => route.method === 'POST' && route.pattern === pattern).key, pattern);
  }
});

test('without sign-in only public routes answer', async () => {
  for (const route of routes.filter((one) => one.pattern !== '/api/v1/events')) {
    const { status } = await ask(route, undefined);
    if (route.public) assert.ok(status !== 403, `${route.method} ${route.pattern}: ${status}`);
    else assert.equal(status, 401, `${route.method} ${route.pattern}`);
  }
});

for (const [role, holder] of Object.entries(holders)) {
  test(`role ${role}: 403 exactly where the table says so`, async () => {
    const key = server.key({ role, ...holder });
    for (const route of routes) {
      if (route.pattern === '/api/v1/events' || route.public) continue;
      const answer = await ask(route, key);
      const where = `${role} ${route.method} ${route.pattern}: ${answer.status} ${answer.text.slice(0, 300)}`;
      if (!route.roles.includes(role)) {
        assert.equal(answer.status, 403, where);
        assert.equal(answer.json.code, 'FORBIDDEN', where);
      } else {
        // Inside its role: whatever the room says, but never an internal failure.
        assert.ok(answer.status !== 401 && answer.status !== 500 && answer.status !== 405, where);
      }
    }
  });
}

test('reference tables and risk rules are for those who answer for the whole country', async () => {
  const holidays = { headers: { 'Content-Type': 'text/csv' } };
  const csv = 'date,name,kind\n2031-01-01,Tết Dương lịch,OFF\n';
  const bound = server.key({ role: 'administrator', office: '15' });
  const refused = await server.post('/api/v1/reference/holidays', bound, csv, holidays);
  assert.equal(refused.status, 403, refused.text);
  for (const key of [server.key({ role: 'headquarters', office: '00' }), server.admin]) {
    assert.equal((await server.post('/api/v1/reference/holidays', key, csv, holidays)).status, 200);
  }
});

test('the matrix changed nothing that must hold', () => {
  const doctor = server.doctor();
  assert.equal(doctor.code, 0, doctor.out + doctor.err);
});
