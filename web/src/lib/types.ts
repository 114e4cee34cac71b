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
  direct_shipment_needed?: boolean;
};

export type DryRun = { assessment?: Assessment | null; findings?: Finding[]; advice?: { line: number; schemes: Advice[] }[] };

export interface Rec {
  number: string; version: number; status: string; channel?: Channel | null; flow: Flow; kind: string;
  office: string; registered_at?: string | null; declaration: Declaration; assessment?: Assessment | null;
  findings?: Finding[];
}

/** A declaration as a list shows it. */
export type Item = {
  number: string; status: string; channel?: Channel | null; flow: Flow; kind: string; office: string;
  trader?: string; trader_name?: string; officer?: string | null; officer_name?: string | null;
  registered_at?: string | null; created_at?: string; due?: string | null; customs_value?: number; total_payable?: number;
};

export type Step = {
  event?: number | string; kind: string; at: string; text?: Both; actor?: string; actor_name?: string; duration_s?: number | null;
  status?: string; note?: string;
};
export type Debt = {
  declaration: string; tax: string; kind?: string; amount: number; paid: number; due?: string | null; interest?: number; interest_days?: number;
  interest_from?: string | null; tax_code?: string; chapter?: string; subitem?: string; treasury_account?: string;
};
export type Difference = { path?: string; line?: number; what?: string; tax?: string; before?: unknown; after?: unknown; text?: Both };
/** The receipt tree is read loosely: every node has some of these. */
export type ReceiptNode = Record<string, unknown>;
export type Receipt = { number: string; lines?: ReceiptNode[]; proof?: unknown; event?: number | string; leaf?: string } & Record<string, unknown>;
export type Presented = { at?: string | null; by?: string | null; confirmed_at?: string | null; confirmed_by?: string | null; due?: string | null };
export interface Rec {
  officer?: { id: string; name: string } | null; due?: string | null; documents?: Presented | null; goods?: Presented | null;
  legal_ground?: string | null; tracking_code?: string | null; checks?: unknown[]; assignments?: unknown[];
}

export type Guarantee = {
  id: string; bank: string; number: string; kind: 'individual' | 'general'; tax_code: string; declaration?: string | null;
  limit_vnd: number; reserved_vnd: number; available_vnd: number; valid_from: string; valid_to: string; state: string;
};
export interface Rec {
  journal?: unknown;
}
