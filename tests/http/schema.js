// SPDX-License-Identifier: Apache-2.0
// Checks a value against the part of JSON Schema that docs/api/openapi.yaml uses. A keyword that is not
// known here throws: a check that is not made must not look like one that passed.
'use strict';

const TYPES = {
  null: (v) => v === null,
  boolean: (v) => typeof v === 'boolean',
  string: (v) => typeof v === 'string',
  number: (v) => typeof v === 'number',
  integer: (v) => Number.isInteger(v),
  array: (v) => Array.isArray(v),
  object: (v) => v !== null && typeof v === 'object' && !Array.isArray(v),
};
const isA = (name, value) => {
  if (!TYPES[name]) throw new Error(`no such type: ${name}`);
  return TYPES[name](value);
};
const shown = (value) => (JSON.stringify(value) ?? 'nothing').slice(0, 120);
const SILENT = new Set(['description', 'example', 'default', 'discriminator']);

class Schemas {
  constructor(document) { this.document = document; this.patterns = new Map(); }

  /** What `{$ref: "#/a/b"}` stands for; anything else is itself. */
  resolve(node) {
    if (typeof node?.$ref !== 'string') return node;
    const keys = node.$ref.split('/');
    if (keys.shift() !== '#') throw new Error(`not a reference within the document: ${node.$ref}`);
    const found = keys.reduce((at, key) => at?.[key], this.document);
    if (found === undefined) throw new Error(`nothing stands at ${node.$ref}`);
    return this.resolve(found);
  }

  pattern(text) {
    if (!this.patterns.has(text)) this.patterns.set(text, new RegExp(text, 'u'));
    return this.patterns.get(text);
  }

  /** What is wrong with the value, one line each; empty when it fits. */
  faults(value, schema, at = '') {
    const faults = [];
    const node = this.resolve(schema);
    for (const [keyword, wanted] of Object.entries(node)) {
      if (SILENT.has(keyword)) continue;
      const check = KEYWORDS[keyword];
      if (!check) throw new Error(`the keyword ${keyword} is not known (${at || 'the whole'})`);
      check.call(this, { value, wanted, node, at, fault: (text, where = at) => faults.push(`${where || '/'}: ${text}`), faults });
    }
    return faults;
  }
}

const KEYWORDS = {
  type({ value, wanted, fault }) {
    const names = Array.isArray(wanted) ? wanted : [wanted];
    if (!names.some((name) => isA(name, value))) fault(`needs ${names.join(' or ')}, is ${shown(value)}`);
  },
  const({ value, wanted, fault }) { if (value !== wanted) fault(`needs ${shown(wanted)}, is ${shown(value)}`); },
  enum({ value, wanted, fault }) { if (!wanted.includes(value)) fault(`needs one of ${wanted.join(' ')}, is ${shown(value)}`); },
  pattern({ value, wanted, fault }) {
    if (isA('string', value) && !this.pattern(wanted).test(value)) fault(`needs ${wanted}, is ${shown(value)}`);
  },
  minLength({ value, wanted, fault }) { if (isA('string', value) && [...value].length < wanted) fault(`shorter than ${wanted}`); },
  maxLength({ value, wanted, fault }) { if (isA('string', value) && [...value].length > wanted) fault(`longer than ${wanted}`); },
  minimum({ value, wanted, fault }) { if (isA('number', value) && value < wanted) fault(`${value} is under ${wanted}`); },
  maximum({ value, wanted, fault }) { if (isA('number', value) && value > wanted) fault(`${value} is over ${wanted}`); },
  minItems({ value, wanted, fault }) { if (isA('array', value) && value.length < wanted) fault(`fewer than ${wanted} elements`); },
  maxItems({ value, wanted, fault }) { if (isA('array', value) && value.length > wanted) fault(`more than ${wanted} elements`); },
  format({ wanted }) { if (wanted !== 'binary') throw new Error(`the format ${wanted} is not known`); },
  items({ value, wanted, at, faults }) {
    if (isA('array', value)) value.forEach((one, i) => faults.push(...this.faults(one, wanted, `${at}/${i}`)));
  },
  properties({ value, wanted, at, faults }) {
    if (!isA('object', value)) return;
    for (const [name, schema] of Object.entries(wanted)) {
      if (Object.hasOwn(value, name)) faults.push(...this.faults(value[name], schema, `${at}/${name}`));
    }
  },
  required({ value, wanted, fault }) {
    if (!isA('object', value)) return;
    for (const name of wanted) if (!Object.hasOwn(value, name)) fault(`lacks ${name}`);
  },
  additionalProperties({ value, wanted, node, at, fault }) {
    if (wanted !== false) throw new Error('additionalProperties can only be false');
    if (!isA('object', value)) return;
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(node.properties ?? {}, name)) fault('the document does not have this', `${at}/${name}`);
    }
  },
  anyOf({ value, wanted, at, faults }) {
    const each = wanted.map((schema) => this.faults(value, schema, at));
    if (each.every((one) => one.length > 0)) faults.push(...each.reduce((best, one) => (one.length < best.length ? one : best)));
  },
  oneOf({ value, wanted, at, fault, faults }) {
    const each = wanted.map((schema) => this.faults(value, schema, at));
    const fits = each.filter((one) => one.length === 0).length;
    if (fits > 1) fault(`fits ${fits} of the choices, must fit one`);
    // The nearest choice has the fewest faults.
    if (fits === 0) faults.push(...each.reduce((best, one) => (one.length < best.length ? one : best)));
  },
};

module.exports = { Schemas };
