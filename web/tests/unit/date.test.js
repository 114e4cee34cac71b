// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

const { addDays, parseDay, showDay, showTime, span, today } = await load('lib/date.ts');

test('days are typed the Vietnamese way, with or without signs', () => {
  for (const typed of ['20/11/2026', '20-11-2026', '20.11.26', '20112026', '201126', '2026-11-20', '20/11', '2011']) {
    assert.equal(parseDay(typed, '2026-01-05'), '2026-11-20', typed);
  }
  assert.equal(parseDay('\u200e20/11/2026'), '2026-11-20', 'a mark that came along from elsewhere');
  assert.equal(parseDay(''), '');
  assert.equal(parseDay('1/2/2026'), '2026-02-01');
});

test('days that do not exist are refused', () => {
  for (const typed of ['31/02/2026', '00/01/2026', '1/13/2026', '29/02/2026', 'hôm nay', '99999999']) assert.equal(parseDay(typed), null, typed);
  assert.equal(parseDay('29/02/2028'), '2028-02-29');
});

test('times are shown at +07:00 wherever the reader sits', () => {
  assert.equal(showTime('2026-11-20T18:30:00Z'), '21/11/2026 01:30');
  assert.equal(showTime('2026-11-20T09:05:07+07:00', true), '20/11/2026 09:05:07');
  assert.equal(showTime(''), '');
  assert.equal(showDay('2026-11-20'), '20/11/2026');
  assert.equal(today(Date.parse('2026-11-20T17:00:00Z')), '2026-11-21');
  assert.equal(addDays('2026-12-31', 1), '2027-01-01');
});

test('a span is counted in whole days, hours, minutes', () => {
  assert.deepEqual(span(0, 90061000), { days: 1, hours: 1, minutes: 1, seconds: 1 });
  assert.deepEqual(span(5, 0), { days: 0, hours: 0, minutes: 0, seconds: 0 });
});
