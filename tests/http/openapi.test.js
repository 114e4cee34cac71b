// SPDX-License-Identifier: Apache-2.0
// docs/api/openapi.yaml against the program's own list of routes, in both directions, and against itself.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { run, start } = require('./harness.js');
const { read, operationsOf } = require('./described.js');
const { Schemas } = require('./schema.js');
const { parse } = require('./yaml.js');
const fs = require('node:fs');
const path = require('node:path');

const routes = JSON.parse(run(['routes', '--json']).out);
const document = read();
const operations = operationsOf(document);
const schemas = new Schemas(document);
const nameOf = (route) => `${route.method} ${route.pattern}`;
const ALL = schemas.resolve({ $ref: '#/components/schemas/Role' }).enum;

test('every route stands in the document, and nothing else', () => {
  assert.deepEqual(operations.map((one) => one.name).sort(), routes.map(nameOf).sort());
});

test('the document names every role', () => {
  assert.deepEqual([...ALL].sort(), [...new Set(routes.flatMap((route) => route.roles))].sort());
});

/** What the route table says, in the words of the document. */
function expected(route) {
  let key;
  if (route.key) key = route.dry_run ? 'required-unless-dry-run' : 'required';
  let only;
  if (route.room === 'demo') only = 'demo';
  if (route.test) only = 'test';
  return {
    'x-roles': route.public ? undefined : route.roles,
    'x-room': route.room,
    'x-pool': route.pool,
    'x-idempotency-key': key,
    'x-reading-recorded': route.personal || undefined,
    'x-body-max': route.body_max === 65536 ? undefined : route.body_max,
    'x-only': only,
  };
}

test('roles, pool, key and limits are those of the program', () => {
  for (const route of routes) {
    const { node, parameters, name } = operations.find((one) => one.name === nameOf(route));
    const wanted = expected(route);
    for (const [field, value] of Object.entries(wanted)) {
      const written = field === 'x-roles' && node[field] === 'all' ? ALL : node[field];
      assert.deepEqual(written, value, `${name}: ${field}`);
    }
    const header = parameters.find((one) => one.name === 'Idempotency-Key');
    assert.equal(header !== undefined, route.key, `${name}: the parameter Idempotency-Key`);
    if (header) assert.equal(header.required, !route.dry_run, `${name}: Idempotency-Key required`);
  }
});

test('who needs to sign in, and how', () => {
  assert.deepEqual(document.security, [{ key: [] }, { session: [] }]);
  for (const route of routes) {
    const { node, name } = operations.find((one) => one.name === nameOf(route));
    let wanted = route.method === 'GET' ? undefined : [{ key: [] }, { session: [], csrf: [] }];
    if (route.public) wanted = [];
    assert.deepEqual(node.security, wanted, `${name}: security`);
    assert.equal('401' in node.responses, !route.public || node.operationId === 'signIn', `${name}: 401`);
  }
});

test('the types of bodies are those of the program', () => {
  const flags = { csv: 'text/csv', ndjson: 'application/x-ndjson', form: 'application/x-www-form-urlencoded', any_type: '*/*' };
  for (const route of routes) {
    const { node, name } = operations.find((one) => one.name === nameOf(route));
    if (!node.requestBody) continue;
    const types = Object.entries(flags).filter(([flag]) => route[flag]).map(([, type]) => type);
    assert.deepEqual(Object.keys(node.requestBody.content), types.length > 0 ? types : ['application/json'], name);
  }
});

test('the holes of a path are its path parameters', () => {
  for (const { path: pattern, parameters, name } of operations) {
    const holes = [...pattern.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
    assert.deepEqual(parameters.filter((one) => one.in === 'path').map((one) => one.name), holes, name);
    for (const one of parameters.filter((parameter) => parameter.in === 'path')) assert.equal(one.required, true, name);
  }
});

test('every operation has a good answer', () => {
  for (const { node, name } of operations) assert.ok(Object.keys(node.responses).some((status) => /^[23]/.test(status)), name);
});

test('names are unique, tags are declared, all have a summary', () => {
  const ids = operations.map((one) => one.node.operationId);
  assert.equal(new Set(ids).size, ids.length);
  const tags = document.tags.map((tag) => tag.name);
  for (const { node, name } of operations) {
    assert.ok(node.summary, name);
    assert.equal(node.tags.length, 1, name);
    assert.ok(tags.includes(node.tags[0]), name);
  }
  for (const tag of tags) assert.ok(operations.some((one) => one.node.tags[0] === tag), `nothing has the tag ${tag}`);
});

/** Calls `fn(node)` for every object of the document. */
function walk(node, fn) {
  if (node === null || typeof node !== 'object') return;
  fn(node);
  for (const child of Object.values(node)) walk(child, fn);
}

test('references lead somewhere, and every component is used', () => {
  const used = new Set();
  walk(document, (node) => {
    if (typeof node.$ref === 'string') {
      assert.ok(schemas.resolve(node), node.$ref);
      used.add(node.$ref);
    }
  });
  for (const name of Object.values(document.components.schemas.Declaration.discriminator.mapping)) used.add(name);
  used.add('#/components/schemas/Event'); // the data of a stream, which has no place in a media type
  for (const [kind, all] of Object.entries(document.components)) {
    if (kind === 'securitySchemes') continue;
    for (const name of Object.keys(all)) assert.ok(used.has(`#/components/${kind}/${name}`), `${kind}/${name} is not used`);
  }
});

test('objects are closed, and what they require they describe', () => {
  walk(document.components.schemas, (node) => {
    const open = node.type === 'object' && node.additionalProperties !== false;
    assert.ok(!open, `open: ${JSON.stringify(node).slice(0, 200)}`);
    if (!Array.isArray(node.required)) return;
    for (const name of node.required) assert.ok(Object.hasOwn(node.properties, name), `${name} is required, not described`);
  });
});

test('examples are valid', () => {
  let count = 0;
  walk(document.paths, (node) => {
    if (node.schema === undefined || node.example === undefined) return;
    count++;
    assert.deepEqual(schemas.faults(node.example, node.schema), [], JSON.stringify(node.example).slice(0, 300));
  });
  assert.ok(count > 15);
});

test('the examples of declarations are what the program takes', async () => {
  const server = await start();
  const key = server.key({ role: 'declarant', tax_code: '9900000016' });
  for (const operation of ['fileDeclaration', 'replaceDeclaration']) {
    const { node } = operations.find((one) => one.node.operationId === operation);
    const body = structuredClone(node.requestBody.content['application/json'].example);
    const answer = await server.post('/api/v1/declarations?mode=dry_run', key, body);
    assert.equal(answer.status, 200, answer.text);
  }
  await server.stop();
});

test('the server hands out this very document', async () => {
  const server = await start({ demo: false });
  const { text } = await server.get('/api/openapi.yaml');
  assert.equal(text, fs.readFileSync(path.join(__dirname, '../../docs/api/openapi.yaml'), 'utf8'));
  await server.stop();
});

test('the reader of YAML refuses what it does not read', () => {
  for (const bad of ['a: 1\na: 2', 'a: b: c', 'a: &x 1', 'a: *x', 'a: !!str 1', 'a:\n\tb: 1', 'a: [1, 2', 'a:\n    b: 1', 'a: 1\n  b: 2', 'a: |\n  b', 'a:', 'a: "b']) {
    assert.throws(() => parse(bad), /^Error: line \d/, JSON.stringify(bad));
  }
  assert.deepEqual(parse('a: 1\nb:\n  - c: "d"\n    e: [x y, {f: null}] # g\n  - -2.5\nh: >-\n  i\n  j\n'),
    { a: 1, b: [{ c: 'd', e: ['x y', { f: null }] }, -2.5], h: 'i j' });
});

test('the check of schemas finds what is wrong', () => {
  const schema = { $ref: '#/components/schemas/CheckRequest' };
  assert.deepEqual(schemas.faults({ result: 'satisfactory', minutes: 1 }, schema), []);
  for (const [value, fault] of [[{}, /lacks result/], [{ result: 'x' }, /one of/], [{ result: 'discrepancy', minutes: 1.5 }, /integer/],
    [{ result: 'discrepancy', minutes: -1 }, /under/], [{ result: 'discrepancy', more: 1 }, /does not have/], [[], /object/]]) {
    assert.match(schemas.faults(value, schema).join('\n'), fault);
  }
  assert.throws(() => schemas.faults(1, { multipleOf: 2 }), /not known/);
});
