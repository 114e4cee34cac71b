// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.js';

const { fold, matches } = await load('lib/fold.ts');

test('words without accents find words with them', () => {
  assert.equal(fold('Đồng Đăng'), 'dong dang');
  assert.equal(fold('Đồng Đăng'.normalize('NFD')), 'dong dang');
  assert.ok(matches(' ' + fold('15SI Hải quan ga đường sắt quốc tế Đồng Đăng'), 'dong dang'));
  assert.ok(matches(' ' + fold('15SI Hải quan ga đường sắt quốc tế Đồng Đăng'), 'Đăng ga'));
  assert.ok(!matches(' ' + fold('15BB Hải quan cửa khẩu Hữu Nghị'), 'dong dang'));
});
