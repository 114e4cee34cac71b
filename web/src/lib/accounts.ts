// SPDX-License-Identifier: Apache-2.0
// Accounts of goods: their shapes, and what the office does with them.

import type { Act, Box } from './acts';

export type AccountKind = 'EXEMPTION_LIST' | 'TEMPORARY' | 'PROCESSING' | 'EXPORT_PRODUCTION' | 'BONDED' | 'ON_THE_SPOT';
export type AccountRole = 'GOODS' | 'MATERIAL' | 'PRODUCT';
export type Norm = { line: number; quantity: string };
export type AccountLine = {
  line: number; role: AccountRole; code: string | null; hs: string | null; description: string; unit: string; planned: string | null;
  opened: string; expected: string; drawn: string; restored: string; left: string | null; norms: Norm[];
};
/** A line as it is registered or amended. */
export type LineAsked = { line?: number | null; role?: AccountRole | null; code?: string | null; hs?: string | null; description: string; quantity: { amount?: string | null; unit: string }; norms?: Norm[] | null };
export type AccountAmendment = { title: string; legal_ground?: string | null; valid_from: string; valid_to: string; lines: LineAsked[] };
export type Account = {
  id: string; kind: AccountKind; number: string; holder: string; agent: string | null; office: string; state: string; title: string | null;
  legal_ground: string | null; declaration: string | null; opened_by: string | null; warehouse: string | null; partner: string | null;
  valid_from: string; valid_to: string | null; first_valid_to: string | null; extensions: number; overdue: boolean; settled: boolean;
  line_count: number; open_lines: number; reason: string | null; decided_by?: string | null; decided_at: string | null; amendment: AccountAmendment | null;
  version: number; created_at: string; changed_at: string;
};
export type Movement = { number: number; at: string; cause: string; line: number; quantity: string; declaration: string | null; declaration_line: number | null; product: number | null };
export type WholeAccount = Account & { lines: AccountLine[]; movements: { items: Movement[]; next: string | null } };
export type Report = {
  as_of: string;
  lines: { line: number; role: AccountRole; code: string | null; description: string; unit: string; in: string; expected: string; out: string; left: string | null; uses: { product: number | null; code: string | null; exported: string | null; drawn: string }[] }[];
};

export const ACCOUNT_KINDS: AccountKind[] = ['EXEMPTION_LIST', 'TEMPORARY', 'PROCESSING', 'EXPORT_PRODUCTION', 'BONDED', 'ON_THE_SPOT'];
/** Those that a trader registers; the others are opened by declarations. */
export const REGISTERED_KINDS: AccountKind[] = ['EXEMPTION_LIST', 'PROCESSING', 'EXPORT_PRODUCTION'];
export const ACCOUNT_STATES = ['DECLARED', 'REGISTERED', 'SUSPENDED', 'REFUSED', 'CANCELLED', 'OVERDUE'] as const;
export const ACCOUNT_LOOK: Record<string, string> = { DECLARED: 'warn', REGISTERED: 'good', SUSPENDED: 'bad', REFUSED: 'bad' };

const reason: Box = { name: 'reason', label: 'act.reason', kind: 'area', required: true, max: 1000 };
const APPROVE: Act = { verb: 'approval', label: 'stock.approve', boxes: [{ ...reason, label: 'act.note', required: false }] };
const REFUSE: Act = { verb: 'refusal', label: 'act.refuse', danger: true, boxes: [reason] };
const SUSPEND: Act = { verb: 'suspension', label: 'stock.suspend', what: 'stock.suspend_what', danger: true, boxes: [reason] };
const RESUME: Act = { verb: 'resumption', label: 'stock.resume', boxes: [{ ...reason, required: false }] };
const EXTEND: Act = { verb: 'extension', label: 'stock.extend', boxes: [{ name: 'valid_to', label: 'stock.valid_to', kind: 'day', required: true }, reason] };
const CANCEL: Act = { verb: 'cancellation', label: 'stock.cancel', what: 'stock.cancel_what', danger: true, boxes: [reason] };

/** What may be asked of an account as it stands. The server has the last word. */
export function accountActs(one: Account, office: boolean): Act[] {
  const registered = REGISTERED_KINDS.includes(one.kind);
  const acts: Act[] = [];
  if (!office) return registered && one.state === 'DECLARED' ? [CANCEL] : [];
  if (registered && (one.state === 'DECLARED' || one.amendment)) acts.push(APPROVE, REFUSE);
  if (one.state === 'REGISTERED') acts.push(EXTEND, SUSPEND);
  if (one.state === 'SUSPENDED') acts.push(RESUME);
  if (registered && ['DECLARED', 'REGISTERED', 'SUSPENDED'].includes(one.state)) acts.push(CANCEL);
  return acts;
}
