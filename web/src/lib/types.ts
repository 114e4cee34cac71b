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
export type Check = { check: 'document' | 'goods'; at: string; by: string; result: string; note?: string | null; lines?: { line?: number; note?: string }[]; minutes?: number | null; late?: boolean };

export type Rec = {
  number: string; version: number; status: string; channel?: Channel | null; flow: Flow; kind: string; office: string;
  goods_office?: string | null; created_at: string; registered_at?: string | null; tracking_code?: string;
  due?: { registration?: string; document_check?: string; goods_check?: string };
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
  channel?: string; officer?: string; officer_name?: string; result?: string; due?: string; confirmed?: boolean;
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
