// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { source } from './load.js';

const read = (name) => JSON.parse(fs.readFileSync(source(`messages/${name}.json`), 'utf8'));
const vi = read('vi');
const en = read('en');
const files = fs.readdirSync(source(''), { recursive: true }).filter((name) => /\.(svelte|ts)$/.test(name));
const text = (name) => fs.readFileSync(new URL(name, source('')), 'utf8');

test('both languages have all keys, none empty, with the same placeholders', () => {
  assert.deepEqual(Object.keys(vi).sort(), Object.keys(en).sort());
  for (const key of Object.keys(vi)) {
    assert.ok(vi[key].trim() && en[key].trim(), `${key} is empty`);
    const holes = (s) => (s.match(/\{\w+\}/g) ?? []).sort().join();
    assert.equal(holes(vi[key]), holes(en[key]), `${key} has other placeholders in English`);
    assert.equal(vi[key], vi[key].normalize('NFC'), `${key} is not composed`);
  }
});

test('components hold no text of their own', () => {
  for (const name of files.filter((f) => f.endsWith('.svelte'))) {
    let markup = text(name).replace(/<script[\s\S]*?<\/script>/g, '').replace(/<style[\s\S]*?<\/style>/g, '').replace(/<!--[\s\S]*?-->/g, '');
    // Mustaches, innermost first, then tags with their attributes.
    for (let before = ''; before !== markup; ) {
      before = markup;
      markup = markup.replace(/\{[^{}]*\}/g, '');
    }
    const words = markup.replace(/<[^>]*>/g, ' ').replace(/&\w+;/g, ' ').match(/\p{L}{2,}/gu) ?? [];
    const allowed = new Set(['Haiquan', 'USD', 'Ctrl']);
    assert.deepEqual(words.filter((word) => !allowed.has(word)), [], name);
    const labels = text(name).match(/\b(aria-label|title|placeholder|alt)="[^"{]*\p{L}{2,}[^"]*"/gu) ?? [];
    assert.deepEqual(labels.filter((label) => !label.includes('Haiquan')), [], name);
  }
});

test('every key that is asked for by name is in the catalogue', () => {
  for (const name of files) {
    for (const [, key] of text(name).matchAll(/\bt\('([a-z_]+\.[\w.]+)'/g)) assert.ok(key in vi, `${name}: ${key}`);
  }
});

test('no key lies about unused', () => {
  const all = files.map(text).join('\n');
  const families = new Set(['tax', 'status', 'channel', 'role', 'event', 'debt', 'problem', 'transport', 'parties', 'incoterm', 'paid', 'price', 'method', 'freight', 'insurance', 'term', 'adjust', 'sign', 'unit', 'pack', 'proof', 'state', 'table', 'guarantee', 'theme', 'language', 'example', 'differ', 'reference', 'charge', 'deed', 'check', 'rule', 'matter', 'about', 'violation', 'disposal', 'instruction', 'attachment', 'release', 'storage', 'cancel', 'result', 'order', 'consulted', 'outcome', 'change', 'why', 'asked', 'assigned', 'paper', 'is', 'clock', 'pause', 'draw', 'ledger', 'held', 'ware', 'cause', 'bond', 'outage', 'hook', 'upload']);
  for (const key of Object.keys(vi)) {
    assert.ok(families.has(key.split('.')[0]) || all.includes(`'${key}'`) || all.includes(`"${key}"`), `${key} is not used`);
  }
});

test('no style attribute and no inline script, which the policy of the pages forbids', () => {
  for (const name of files.filter((f) => f.endsWith('.svelte'))) assert.ok(!/\sstyle="/.test(text(name)), name);
  const page = fs.readFileSync(fileURLToPath(new URL('../../index.html', import.meta.url)), 'utf8');
  assert.ok(!/<script(?![^>]*\ssrc=)/.test(page) && !/<style/.test(page));
});
