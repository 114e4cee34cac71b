// SPDX-License-Identifier: Apache-2.0
// Shapes of the API as the contract fixes them. Absent and null mean the same, so most members are optional.

import type { Both } from './i18n.svelte';

export type Role =
  | 'declarant' | 'officer' | 'team_leader' | 'branch_head' | 'department_head' | 'headquarters'
  | 'supervisor' | 'risk_analyst' | 'laboratory' | 'inspectorate' | 'bank' | 'treasury' | 'operator'
  | 'carrier' | 'administrator' | 'auditor';

export type Flow = 'import' | 'export';
export type Channel = 'GREEN' | 'YELLOW' | 'RED';
export type Severity = 'error' | 'warning' | 'info';

export type Finding = { rule: string; severity: Severity; path: string; value?: unknown; text: Both };

export type Page<T> = { items: T[]; next: string | null };

export type Amount = { amount?: string | null; unit?: string | null };
export type Money = { kind?: string | null; currency?: string | null; amount?: string | null };

export type Party = {
  tax_code?: string; code?: string; name?: string; address?: string; phone?: string; country?: string;
};

export type Line = {
  hs?: string; description?: string; origin?: string; scheme?: string;
  quantity?: Amount | null; quantity2?: Amount | null; unit_price?: string; invoice_value?: string;
  customs_value?: number | null; producer?: string;
  exemption?: { code: string; reduction?: number } | null;
  taxes?: { tax: string; exemption?: { code: string; reduction?: number } | null; condition?: string }[];
  origin_proof?: { form?: string; number?: string; date?: string } | null;
};

export type Adjustment = { code?: string; sign?: string; currency?: string; amount?: string; lines?: number[] };

export type Declaration = {
  flow: Flow; kind?: string; office?: string; transport_mode?: string; parties?: string;
  importer?: Party; exporter?: Party; principal?: Party; agent?: Party;
  bills?: string[]; packages?: { count?: number; unit?: string }; gross_weight?: Amount;
  storage_place?: string; conveyance?: string; arrival_date?: string; departure_date?: string;
  loading_place?: string; unloading_place?: string; containers?: string[];
  permits?: { kind?: string; number?: string }[];
  invoice?: {
    number?: string; date?: string; payment_method?: string; price_kind?: string; incoterm?: string;
    currency?: string; total?: string;
  };
  valuation?: {
    method?: string; freight?: Money | null; insurance?: Money | null; adjustments?: Adjustment[];
    invoice_total_all?: string; invoice_prior?: string;
  };
  payment?: { term?: string; guarantee?: string | null };
  reference?: string; notes?: string; lines?: Line[];
};

export type TaxOfLine = {
  tax: string; base: number; rate?: string | null; scheme?: string | null; amount: number; reduction?: number;
  source?: string;
};
export type AssessedLine = { line: number; customs_value: number; taxes: TaxOfLine[]; scheme?: string };
export type Assessment = {
  exchange_rates?: { currency: string; rate: string; valid_from?: string; source?: string }[];
  customs_value: number; total_payable: number; taxes: { tax: string; amount: number }[]; lines: AssessedLine[];
};

export type Advice = {
  scheme: string; total: number; saving: number; applied?: boolean; proof_missing?: boolean;
  direct_shipment_needed?: boolean; rate?: string | null; source?: string | null;
};

export type DryRun = { assessment?: Assessment | null; findings?: Finding[]; advice?: { line: number; items: Advice[] }[] };

/** A step that was said to be done and confirmed: documents complete, goods presented. */
export type Presented = { at: string; by?: string; confirmed_at?: string | null; confirmed_by?: string | null; due?: string | null };
export type Attachment = {
  id: string; kind: string; name?: string | null; note?: string | null; sha256: string; type: string; size: number;
  side: 'declarant' | 'customs'; by: string; at: string; signature?: { algorithm?: string } | null;
};
export type Answered = { number: number; text?: string | null; attachments: string[]; by: string; at: string };
export type Instruction = {
  number: number; kind: string; state: string; text: string; lines: number[]; by: string; at: string; due: string; overdue_at?: string | null;
  answers: Answered[]; answered_at?: string | null; closed_by?: string | null; closed_at?: string | null; closure?: string | null;
};
export type Proposal = {
  id: string; verb: string; by: string; role: string; at: string; expires_at: string; reason?: string | null; body: Record<string, unknown>;
  state: string; decided_by?: string | null; decided_at?: string | null; note?: string | null; for?: string | null;
};
/** A proposal as the list of all shows it. */
export type Proposed = Proposal & {
  number: string; status: string; channel?: Channel | null; office: string; goods_office?: string | null; trader: string;
  by_name?: string | null; decided_by_name?: string | null; decides: boolean;
};
export type Decided = {
  id: string; verb: string; at: string; by: string; role: string; for?: string | null; proposal?: string | null; proposed_by?: string | null;
  reason?: string | null; status_before: string; from?: string; to?: string; raised?: boolean; due_before?: string; due_after?: string; matter_kind?: string;
  ground?: string; due?: string | null; overdue_at?: string | null; place?: string | null; agency?: string | null; closed_at?: string | null;
  results?: ExitResult[];
};
export type ExitResult = {
  result: string; agency?: string | null; document?: string | null; date?: string | null; note?: string | null;
  disposal?: string | null; breach?: boolean; by: string; at: string;
};
export type Amendment = {
  id: string; number?: number | null; stage: string; state: string; reason_code: string; reason: string; matter?: string | null;
  by: string; at: string; due?: string | null; decided_by?: string | null; decided_for?: string | null; decided_at?: string | null; note?: string | null;
  before_version: number; after_version?: number | null; header: { path: string; before: unknown; after: unknown }[];
  lines: { line?: number | null; line_after?: number | null; change: string; before?: Record<string, unknown> | null; after?: Record<string, unknown> | null }[];
  customs_value: { before: number; after: number };
  taxes: { line?: number | null; line_after?: number | null; tax: string; before?: number | null; after?: number | null }[];
  difference: Record<string, number>;
};
export type Hold = {
  id: string; state: string; order: string; ground?: string | null; until?: string | null; at: string; by?: string | null; role?: string | null; for?: string | null;
  proposal?: string | null; inspection?: { result: string; by: string; at: string } | null; lifted_by?: string | null; lifted_at?: string | null; lift_reason?: string | null;
};
export type Passage = {
  id?: string; at: string; by: string; role: string; vehicle: string; containers: string[]; packages?: number | null; partial: boolean; code?: boolean | string | null; gone: boolean;
};
export type Sample = { number: number; line: number; quantity: Amount; seal: string; taken_by?: string; taken_at?: string; declarant_present: boolean; kept_until?: string };
export type Matter = {
  id: number; kind: string; state: string; check?: number | null; lines: number[]; text: string; opened_by: string; opened_at: string;
  due?: string | null; overdue_at?: string | null; outcome?: string | null; closed_by?: string | null; closed_at?: string | null; closure?: string | null;
  about?: string; changes?: { path: string; value: unknown }[]; amounts?: { line: number; tax: string; amount: number }[]; ground?: string;
  act?: string; record_number?: string; disposal?: string; invitation?: { at: string; place: string }; after?: number; amendment?: string; evidence?: string[];
  samples?: Sample[]; earlier?: { line: number; declaration: string; hs: string; description: string; at: string; valid_to: string }[];
  result?: { number?: string | null; at: string; document?: string | null; valid_to?: string; results: { sample: number; hs?: string | null; description: string }[] } | null;
  minutes?: { held_at: string; text: string; outcome: string; at: string } | null;
};
export type Pause = {
  id?: number; kind: 'STATED' | 'INSTRUCTION' | 'OUTAGE'; clock?: string | null; instruction?: number | null; outage?: number; from: string; to?: string | null;
  left_seconds?: number; by: string; ended_by?: string; reason?: string | null;
};
export type Draw = {
  id?: string | null; kind: string; number?: string | null; direction: 'OPEN' | 'DRAW' | 'ADD'; state: 'HELD' | 'RESTORED'; partner?: string | null;
  lines: { line: number; account_line: number; product?: number | null; quantity: string; unit: string }[];
};
export type Branch = { number: string; first_line: number; last_line: number };
export type Assigned = { officer: string; how: string; roster: string[]; eligible: string[]; draw?: string | null; reason?: string | null; by: string; at: string };
export type ContentVersion = {
  version: number; amendment?: string | null; event: string; at: string; by: string; by_name?: string | null; status: string; customs_value: number; total_payable: number;
};
export type Check = { check: 'document' | 'goods'; at: string; by: string; result: string; note?: string | null; lines?: ({ line?: number; note?: string } | number | string)[]; evidence?: string[]; minutes?: number | null; late?: boolean };

export type Rec = {
  number: string; version: number; status: string; channel?: Channel | null; flow: Flow; kind: string; office: string;
  goods_office?: string | null; created_at: string; registered_at?: string | null; tracking_code?: string;
  due?: { registration?: string; document_check?: string; goods_check?: string; release?: string; storage?: string };
  amendment?: number; amended_number?: string; assignments?: Assigned[]; attachments?: Attachment[]; instructions?: Instruction[];
  proposals?: Proposal[]; decisions?: Decided[]; holds?: Hold[]; amendments?: Amendment[]; matters?: Matter[]; passages?: Passage[];
  pauses?: Pause[]; branches?: Branch[]; draws?: Draw[];
  covered?: boolean; documents?: Presented | null; goods?: Presented | null; officer?: string | null; officer_name?: string | null;
  checks?: Check[]; legal_ground?: string; possible?: string[];
  declaration: Declaration; assessment?: Assessment | null; findings?: Finding[];
};

/** A declaration as a list shows it. */
export type Item = {
  number: string; version: number; status: string; channel?: Channel | null; flow: Flow; kind: string; office: string;
  goods_office?: string | null; trader: { tax_code: string; name?: string | null }; agent?: string | null;
  officer?: string | null; officer_name?: string | null; reference?: string | null; registered_at?: string | null; created_at: string;
  due_at?: string | null; customs_value: number; total_payable: number;
};

/** A step of the timeline: `event` is its kind. */
export type Step = {
  event: string; name: Both; at: string; by: string; by_name?: string | null; position: number; version: number; status?: string;
  channel?: string; officer?: string; officer_name?: string; result?: string; due?: string; confirmed?: boolean; for?: string;
  after: { seconds: number; working_seconds: number };
};
export type Waiting = { name: Both; since: string; due?: string | null; late: boolean; ground?: Both | null; seconds: number; working_seconds: number };
export type Timeline = { items: Step[]; waiting: Waiting | null };

export type Debt = {
  declaration: string; tax_code: string; tax: string; kind: string; amount: number; paid: number; due?: string | null;
  interest_from?: string | null; interest: number; interest_days: number;
};
export type Difference = { kind: string; currency?: string; line?: number; tax?: string; before: unknown; after: unknown };

export type ReceiptTax = {
  tax: string; base: number; rate?: string; quantity?: string; unit?: string; unit_amount?: string; currency?: string; exchange_rate?: string;
  computed: number; exemption?: { code: string; effect: string; legal_ground: string }; reduction: number; amount: number;
  source: { row: number; scheme?: string; condition?: string; producer?: string; valid_from: string; text: string };
};
export type ReceiptLine = {
  line: number; hs: string; origin: string; scheme_claimed: string; invoice_value: string; invoice_vnd: number; shares: number[];
  computed_value: number; manual_value?: number; customs_value: number; taxes: ReceiptTax[];
};
export type Charge = { charge: string; code?: string; sign: string; by_hand: boolean; currency: string; amount: string; vnd: number };
export type Receipt = {
  number: string; event: { kind: string; position: number; leaf: string; at: string }; proof: unknown;
  receipt: { day: string; rounding: string; invoice_currency: string; reference_version: number; charges: Charge[]; lines: ReceiptLine[]; exchange_rates: { currency: string; rate: string; valid_from: string; quoted_on: string }[] };
};

export type Guarantee = {
  id: string; bank: string; number: string; kind: 'individual' | 'general'; tax_code: string; declaration?: string | null;
  limit_vnd: number; reserved_vnd: number; available_vnd: number; valid_from: string; valid_to: string; state: string;
};
