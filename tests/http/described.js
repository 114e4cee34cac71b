// SPDX-License-Identifier: Apache-2.0
// Talks to a server and holds every request and answer against docs/api/openapi.yaml.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { parse } = require('./yaml.js');
const { Schemas } = require('./schema.js');

const file = path.join(__dirname, '../../docs/api/openapi.yaml');
const METHODS = ['get', 'post', 'put', 'delete'];
// What any route may answer; the document says it once, as the default answer.
const ANYWHERE = new Set(['400', '405', '413', '415', '429', '500', '503', '504', '507']);

const NDJSON = 'application/x-ndjson';
const linesOf = (text) => text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));

function read() { return parse(fs.readFileSync(file, 'utf8')); }

/** Every operation of the document: { id, method, path, node, ... }. */
function operationsOf(document) {
  const schemas = new Schemas(document);
  const operations = [];
  for (const [pattern, item] of Object.entries(document.paths)) {
    for (const [method, node] of Object.entries(item)) {
      assert.ok(METHODS.includes(method), `${method} ${pattern}`);
      const parameters = (node.parameters ?? []).map((one) => schemas.resolve(one));
      operations.push({
        name: `${method.toUpperCase()} ${pattern}`, method: method.toUpperCase(), path: pattern, node, parameters,
        regex: new RegExp(`^${pattern.replaceAll(/[.:]/g, '\\$&').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
        holes: (pattern.match(/\{/g) ?? []).length,
      });
    }
  }
  return operations;
}

class Described {
  constructor(server, document = read()) {
    this.server = server;
    this.document = document;
    this.schemas = new Schemas(document);
    this.operations = operationsOf(document);
    this.seen = new Set();
  }

  /** The operation of a request; a literal path goes before one with holes. */
  operation(method, pathname) {
    const found = this.operations.filter((one) => one.method === method && one.regex.test(pathname));
    assert.ok(found.length > 0, `the document does not have ${method} ${pathname}`);
    return found.reduce((best, one) => (one.holes < best.holes ? one : best));
  }

  fits(value, schema, what) {
    const faults = this.schemas.faults(value, schema);
    assert.deepEqual(faults, [], `${what}\n  ${faults.join('\n  ')}\n  ${JSON.stringify(value).slice(0, 3000)}`);
  }

  parameter(operation, place, name, value) {
    const found = operation.parameters.find((one) => one.in === place && one.name.toLowerCase() === name.toLowerCase());
    assert.ok(found, `${operation.name} has no ${place} parameter ${name}`);
    const type = this.schemas.resolve(found.schema).type;
    this.fits(type === 'integer' ? Number(value) : value, found.schema, `${operation.name}: ${name}`);
  }

  /** What was asked, of a request that was granted. */
  request(operation, url, options) {
    for (const [name, value] of url.searchParams) this.parameter(operation, 'query', name, value);
    for (const [name, value] of Object.entries(operation.regex.exec(decodeURIComponent(url.pathname)).groups ?? {})) {
      this.parameter(operation, 'path', name, value);
    }
    for (const one of operation.parameters.filter((parameter) => parameter.required && parameter.in === 'query')) {
      assert.ok(url.searchParams.has(one.name), `${operation.name} needs ${one.name}`);
    }
    if (options.headers?.['If-Match']) this.parameter(operation, 'header', 'If-Match', options.headers['If-Match']);
    const body = operation.node.requestBody;
    if (options.body === undefined) {
      assert.ok(!body?.required, `${operation.name}: granted without the body that the document requires`);
      return;
    }
    if (!body) return; // an empty object, which nobody looks at
    const type = (options.headers?.['Content-Type'] ?? 'application/json').split(';')[0];
    const content = body.content[type] ?? body.content['*/*'];
    assert.ok(content, `${operation.name} takes ${Object.keys(body.content)}, not ${type}`);
    if (type === 'application/json' && body.content[type]) {
      this.fits(typeof options.body === 'string' ? JSON.parse(options.body) : options.body, content.schema, `body of ${operation.name}`);
    }
    // Of a body of many lines only what was granted need be as the document says.
    if (type === NDJSON && options.wellFormed) for (const line of linesOf(options.body)) this.fits(line, content.schema, `line of ${operation.name}`);
  }

  answer(operation, answer) {
    const status = String(answer.status);
    const what = `${operation.name} answers ${status}`;
    const listed = operation.node.responses[status];
    if (!listed) assert.ok(ANYWHERE.has(status), `${what}: not in the document\n${answer.text.slice(0, 1000)}`);
    const node = this.schemas.resolve(listed ?? operation.node.responses.default);
    for (const [name, header] of Object.entries(node.headers ?? {})) {
      const value = [answer.headers[name.toLowerCase()]].flat()[0];
      assert.ok(value !== undefined, `${what} without ${name}`);
      this.fits(value, this.schemas.resolve(header).schema, `${what}: ${name}`);
    }
    if (!node.content) {
      assert.equal(answer.text, '', `${what}: a body`);
      return;
    }
    const type = (answer.headers['content-type'] ?? '').split(';')[0];
    const content = node.content[type] ?? node.content['*/*'];
    assert.ok(content, `${what} as ${type}, the document says ${Object.keys(node.content)}`);
    if (type === NDJSON) for (const line of linesOf(answer.text)) this.fits(line, content.schema, what);
    else if (/json$/.test(type) && node.content[type]) this.fits(answer.json, content.schema, what);
    if (type === 'application/problem+json') assert.equal(answer.json.status, answer.status, what);
  }

  async call(method, target, options = {}) {
    const url = new URL(target, 'http://x');
    const operation = this.operation(method, decodeURIComponent(url.pathname));
    const answer = await this.server.call(method, target, options);
    this.answer(operation, answer);
    if (answer.status < 400) this.request(operation, url, options);
    this.seen.add(`${operation.name} ${answer.status}`);
    return answer;
  }

  /** One call that must end with this status. */
  async must(status, method, target, options = {}) {
    const answer = await this.call(method, target, options);
    assert.equal(answer.status, status, `${method} ${target}: ${answer.text.slice(0, 1000)}`);
    return answer;
  }

  /** Answers that the document lists and nobody saw. */
  unseen() {
    return this.operations.flatMap((one) => Object.keys(one.node.responses)
      .filter((status) => status !== 'default' && !this.seen.has(`${one.name} ${status}`))
      .map((status) => `${one.name} ${status}`));
  }
}

module.exports = { read, operationsOf, Described };
