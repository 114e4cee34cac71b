// SPDX-License-Identifier: Apache-2.0
// Transport under bond: its shapes and its steps.

import type { Act, Box } from './acts';

export type Declared = {
  office_from: string; place_from: string; office_to: string; place_to: string; trader?: string; carrier?: string; conveyance: string; route?: string;
  planned_departure: string; planned_arrival: string; declarations?: string[]; bills?: string[]; containers?: string[]; packages: { count: number }; goods: string;
  guarantee?: string; reference?: string; notes?: string;
};
export type BondStep = {
  verb: string; at: string; by: string; reason?: string | null; note?: string | null; seals?: string[]; due?: string | null; seal_state?: string; packages?: number;
  late?: boolean; discrepancy?: boolean;
};
export type Bond = {
  number: string; version: number; status: string; office_from: string; office_to: string; trader: string; agent: string | null; created_at: string; changed_at: string;
  due: string | null; overdue: boolean; possible: string[]; declared: Declared; steps: BondStep[];
};

export const BOND_STATES = ['DECLARED', 'RETURNED', 'APPROVED', 'DEPARTED', 'ARRIVED', 'REFUSED', 'CANCELLED'] as const;
export const BOND_LOOK: Record<string, string> = { DECLARED: 'warn', RETURNED: 'bad', APPROVED: 'info', DEPARTED: 'info', ARRIVED: 'good', REFUSED: 'bad' };

const reason: Box = { name: 'reason', label: 'act.reason', kind: 'area', required: true, max: 2000 };
const note: Box = { name: 'note', label: 'act.note', kind: 'area', max: 2000 };
export const BOND_ACTS: Act[] = [
  { verb: 'approval', label: 'bond.approve', boxes: [note] },
  { verb: 'departure', label: 'bond.depart', what: 'bond.depart_what', boxes: [{ name: 'seals', label: 'bond.seals', kind: 'words', required: true, hint: 'bond.seals_hint' }, note] },
  {
    verb: 'arrival', label: 'bond.arrive', what: 'bond.arrive_what',
    boxes: [
      { name: 'seals', label: 'bond.seals', kind: 'select', required: true, codes: ['INTACT', 'BROKEN'], family: 'bond' },
      { name: 'packages/count', label: 'f.packages', kind: 'whole', required: true },
      note,
    ],
  },
  { verb: 'extension', label: 'bond.extend', boxes: [{ name: 'due', label: 'bond.due', kind: 'time', required: true }, reason] },
  { verb: 'correction', label: 'bond.return', what: 'bond.return_what', boxes: [reason] },
  { verb: 'refusal', label: 'act.refuse', danger: true, boxes: [reason] },
  { verb: 'cancellation', label: 'bond.cancel', danger: true, boxes: [reason] },
];

export const words = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

/** The form of what is declared, as boxes of an act. */
export const DECLARE: Act = {
  verb: 'declaration', label: 'bond.add',
  boxes: [
    { name: 'office_from', label: 'bond.office_from', kind: 'office', required: true },
    { name: 'place_from', label: 'bond.place_from', kind: 'text', required: true, max: 10 },
    { name: 'office_to', label: 'bond.office_to', kind: 'office', required: true },
    { name: 'place_to', label: 'bond.place_to', kind: 'text', required: true, max: 10 },
    { name: 'planned_departure', label: 'bond.planned_departure', kind: 'day', required: true },
    { name: 'planned_arrival', label: 'bond.planned_arrival', kind: 'day', required: true },
    { name: 'conveyance', label: 'f.conveyance', kind: 'text', required: true, max: 35 },
    { name: 'packages/count', label: 'f.packages', kind: 'whole', required: true },
    { name: 'trader', label: 'bond.trader', kind: 'text', max: 14, hint: 'stock.holder_hint' },
    { name: 'carrier', label: 'bond.carrier', kind: 'text', max: 14 },
    { name: 'guarantee', label: 'bond.guarantee', kind: 'text', max: 35 },
    { name: 'reference', label: 'f.reference', kind: 'text', max: 35 },
    { name: 'declarations', label: 'list.title', kind: 'words', hint: 'bond.words_hint' },
    { name: 'bills', label: 'f.bills', kind: 'words', hint: 'bond.words_hint' },
    { name: 'containers', label: 'f.containers', kind: 'words', hint: 'bond.words_hint' },
    { name: 'goods', label: 'bond.goods', kind: 'area', required: true, max: 2000 },
    { name: 'route', label: 'bond.route', kind: 'area', max: 2000 },
    { name: 'notes', label: 'f.notes', kind: 'area', max: 2000 },
  ],
};
