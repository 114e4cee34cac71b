// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

const { editDecimal, multiply, parseNumber, showDecimal, showShort, sum } = await load('lib/number.ts');

test('both separators are understood when a number is typed or pasted', () => {
  const cases = {
    '': '', '0': '0', '007': '7', '1234': '1234',
    '1.234': '1234', '1.234.567': '1234567', '1.234,5': '1234.5', '1,234.5': '1234.5', '1,234,567': '1234567',
    '1234,56': '1234.56', '0.123': '0.123', '0,5': '0.5', '61.5': '61.5', '6150.000000': '6150.000000', '12340.500': '12340.500',
    ' 1 234 567,89 ': '1234567.89', '1\u200b234': '1234', '\ufeff61.5': '61.5', '1\u00a0234,5': '1234.5', '-5': '-5', '.5': '0.5',
  };
  for (const [typed, plain] of Object.entries(cases)) assert.equal(parseNumber(typed), plain, `"${typed}"`);
});

test('what is no number is said to be none, never guessed', () => {
  for (const typed of ['abc', '1e5', '1,23,4', '1.2.3', '12..3', '1.234.5', '--1', '1,2.3,4', '0x10']) assert.equal(parseNumber(typed), null, `"${typed}"`);
});

test('numbers are shown with Vietnamese grouping and digits are kept', () => {
  assert.equal(showDecimal('1234567.8900'), '1.234.567,8900');
  assert.equal(showDecimal(742083987), '742.083.987');
  assert.equal(showDecimal('-1000'), '\u22121.000');
  assert.equal(showDecimal('999'), '999');
  assert.equal(showDecimal(''), '');
  assert.equal(showDecimal('không phải số'), 'không phải số');
  assert.equal(showShort('8.0000'), '8');
  assert.equal(showShort('10'), '10');
  assert.equal(showShort('2.50'), '2,5');
  assert.equal(editDecimal('1234.5'), '1234,5');
});

test('what is shown reads back as the same number', () => {
  for (const plain of ['1', '12', '123', '1234', '12345.678', '1234567', '0.5', '61500.00']) {
    assert.equal(parseNumber(showDecimal(plain)), plain);
    assert.equal(parseNumber(editDecimal(plain)), plain);
  }
});

test('quantity times price is exact, half up, and needs two numbers', () => {
  assert.equal(multiply('10.00', '6150.000000', 4), '61500');
  assert.equal(multiply('3', '0.33335', 4), '1.0001');
  assert.equal(multiply('0.00005', '1', 4), '0.0001');
  assert.equal(multiply('99999999999.99', '999999999.999999', 4), '99999999999989900000');
  assert.equal(multiply('', '5', 4), null);
  assert.equal(multiply('abc', '5', 4), null);
});

test('a sum passes through no floating point', () => {
  assert.equal(sum(['0.1', '0.2']), '0.3');
  assert.equal(sum(['61500.00', '', 'abc', '0.0001']), '61500.0001');
  assert.equal(sum([]), '0');
});
