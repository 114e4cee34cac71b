// SPDX-License-Identifier: Apache-2.0
// Reads the subset of YAML 1.2 that docs/api/openapi.yaml is written in: block maps and lists indented by
// two spaces, flow maps and lists on one line, plain and quoted scalars, folded texts (`>-`), comments.
// Whatever else YAML has (anchors, tags, multi-line scalars, several documents) is an error with its line, and
// so are the plain words that readers of YAML 1.1 take for booleans.
'use strict';

const PLAIN_KEY = /^([A-Za-z0-9_$./-][A-Za-z0-9_$./{}-]*):(?: +(.*))?$/;
const QUOTED_KEY = /^"([^"\\]+)":(?: +(.*))?$/;

function fail(line, what) {
  throw new Error(`line ${line}: ${what}`);
}

function scalarOf(text, line) {
  if (/^[&*!|>%@`?]/.test(text) || text.includes(': ') || text.endsWith(':') || text.includes(' #') ||
      /^(yes|no|on|off)$/i.test(text)) {
    fail(line, `quote this text: ${text}`);
  }
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null' || text === '~') return null;
  return /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text) ? Number(text) : text;
}

/** One value on one line: flow collections, quoted and plain scalars. */
class Flow {
  constructor(text, line) { this.text = text; this.line = line; this.at = 0; }

  skip() { while (this.text[this.at] === ' ') this.at++; }

  quoted() {
    const found = this.text.slice(this.at).match(/^"(?:[^"\\]|\\.)*"/) ?? this.text.slice(this.at).match(/^'(?:[^']|'')*'/);
    if (!found) fail(this.line, 'a quote that does not end');
    this.at += found[0].length;
    return found[0][0] === '"' ? JSON.parse(found[0]) : found[0].slice(1, -1).replaceAll("''", "'");
  }

  plain(stop) {
    const start = this.at;
    while (this.at < this.text.length && !stop.test(this.text.slice(this.at))) this.at++;
    const text = this.text.slice(start, this.at).trim();
    if (text === '') fail(this.line, 'a value is missing');
    return text;
  }

  value(inside) {
    this.skip();
    const first = this.text[this.at];
    if (first === '{') return this.map();
    if (first === '[') return this.list();
    if (first === '"' || first === "'") return this.quoted();
    return scalarOf(this.plain(inside ? /^[,\][{}]/ : /^ #/), this.line);
  }

  /** After an element: true when another follows. */
  more(end) {
    this.skip();
    const next = this.text[this.at++];
    if (next !== ',' && next !== end) fail(this.line, `needs , or ${end}`);
    return next === ',';
  }

  opened(end) {
    this.at++;
    this.skip();
    if (this.text[this.at] !== end) return true;
    this.at++;
    return false;
  }

  list() {
    const list = [];
    if (this.opened(']')) do list.push(this.value(true)); while (this.more(']'));
    return list;
  }

  map() {
    const map = {};
    if (!this.opened('}')) return map;
    do {
      this.skip();
      const quoted = this.text[this.at] === '"';
      const key = quoted ? this.quoted() : this.plain(/^(: |:$|[,}])/);
      if (this.text[this.at++] !== ':') fail(this.line, `no value for ${key}`);
      put(map, key, this.value(true), this.line);
    } while (this.more('}'));
    return map;
  }
}

function put(map, key, value, line) {
  if (Object.hasOwn(map, key)) fail(line, `${key} stands twice`);
  map[key] = value;
}

function inline(text, line) {
  const flow = new Flow(text, line);
  const value = flow.value(false);
  flow.skip();
  const rest = flow.text.slice(flow.at);
  if (rest !== '' && !rest.startsWith('#')) fail(line, `what is this: ${rest}`);
  return value;
}

class Block {
  constructor(text) {
    this.lines = [];
    text.split('\n').forEach((raw, i) => {
      if (raw.includes('\t')) fail(i + 1, 'a tab');
      const bare = raw.trimEnd();
      const indent = bare.length - bare.trimStart().length;
      this.lines.push({ number: i + 1, indent, text: bare.trimStart() });
    });
    this.at = 0;
  }

  /** The next line with something on it, undefined at the end. */
  peek() {
    while (this.at < this.lines.length && (this.lines[this.at].text === '' || this.lines[this.at].text.startsWith('#'))) this.at++;
    return this.lines[this.at];
  }

  folded(indent) {
    const parts = [];
    while (this.at < this.lines.length && (this.lines[this.at].text === '' || this.lines[this.at].indent > indent)) {
      parts.push(this.lines[this.at++].text);
    }
    while (parts.at(-1) === '') parts.pop();
    return parts.map((part) => (part === '' ? '\n' : part)).join(' ').replaceAll(' \n ', '\n');
  }

  value(rest, line) {
    if (rest === '>-') return this.folded(line.indent);
    if (rest !== undefined && rest !== '' && !rest.startsWith('#')) return inline(rest, line.number);
    const next = this.peek();
    if (!next || next.indent !== line.indent + 2) fail(line.number, 'a value is missing, or not indented by two');
    return this.node(next.indent);
  }

  node(indent) {
    return this.peek().text.startsWith('- ') ? this.list(indent) : this.map(indent);
  }

  list(indent) {
    const list = [];
    for (let line = this.peek(); line && line.indent === indent && line.text.startsWith('- '); line = this.peek()) {
      const rest = line.text.slice(2);
      if (PLAIN_KEY.test(rest) || QUOTED_KEY.test(rest)) {
        this.lines[this.at] = { number: line.number, indent: indent + 2, text: rest };
        list.push(this.map(indent + 2));
      } else {
        this.at++;
        list.push(inline(rest, line.number));
      }
    }
    return list;
  }

  map(indent) {
    const map = {};
    for (let line = this.peek(); line && line.indent === indent; line = this.peek()) {
      const found = line.text.match(QUOTED_KEY) ?? line.text.match(PLAIN_KEY);
      if (!found) fail(line.number, `not "key: value": ${line.text}`);
      this.at++;
      put(map, found[1], this.value(found[2], line), line.number);
    }
    return map;
  }
}

function parse(text) {
  const block = new Block(text);
  const value = block.node(0);
  const left = block.peek();
  if (left) fail(left.number, 'indented wrongly');
  return value;
}

module.exports = { parse };
