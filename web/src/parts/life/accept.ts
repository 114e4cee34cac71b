// SPDX-License-Identifier: Apache-2.0
// Accepting a proposal is the same call made by somebody who decides: its form with what was asked in it.

import { actOf } from '../../lib/acts';
import { t } from '../../lib/i18n.svelte';
import type { Proposal } from '../../lib/types';
import type { Offer } from './Entry.svelte';

export function accept(number: string, one: Proposal): Offer | null {
  const act = actOf(one.verb);
  if (!act) return null;
  const asked = one.body;
  // What is decided must be what was asked: only one's own reason is left to write.
  const own = act.boxes.filter((box) => box.name === 'reason' || (box.name === 'text' && one.verb === 'matters'));
  const fixed = Object.fromEntries(Object.entries(asked).filter(([name, value]) => value !== null && !own.some((box) => box.name === name)));
  const path = one.verb === 'lift' ? `holds/${String(asked.hold)}/lift` : one.verb;
  return {
    act: { ...act, boxes: own, what: undefined, danger: false }, path: `/api/v1/declarations/${number}/${path}`, name: `${number}/accept/${one.id}`,
    fixed, go: t('act.decide'), label: t('act.accept'), main: true,
  };
}
