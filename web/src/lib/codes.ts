// SPDX-License-Identifier: Apache-2.0
// Short code lists of the declaration that are no reference tables. Their words are in the catalogue
// under "<family>.<code>"; the server has the last word on what it accepts.

import vi from '../messages/vi.json';
import en from '../messages/en.json';
import { choice, type Choice } from './reference.svelte';

const words = (texts: object, key: string): string => (texts as Record<string, string>)[key] ?? '';

export function coded(family: string, codes: string[]): Choice[] {
  return codes.map((code) => choice(code, words(vi, `${family}.${code}`), words(en, `${family}.${code}`)));
}

export const TRANSPORT = coded('transport', ['1', '2', '3', '4', '5', '6', '9']);
export const PARTIES = coded('parties', ['1', '2', '3', '4', '5']);
export const INCOTERMS = coded('incoterm', ['FOB', 'CIF', 'CFR', 'EXW', 'FCA', 'FAS', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP']);
export const PAYMENT_METHODS = coded('paid', ['TTR', 'LC', 'DP', 'DA', 'CAD', 'CASH', 'OA', 'CHEQUE', 'KHONGTT', 'CANTRU', 'KC']);
export const PRICE_KINDS = coded('price', ['A', 'B', 'C', 'D']);
export const METHODS = coded('method', ['6', '7', '8', '1', '2', '3', '4', '9', 'T']);
export const FREIGHT_KINDS = coded('freight', ['A', 'B', 'C', 'D', 'E', 'F']);
export const INSURANCE_KINDS = coded('insurance', ['A', 'D']);
export const TERMS = coded('term', ['D', 'A', 'B', 'C']);
export const ADJUSTMENTS = coded('adjust', ['A', 'B', 'C', 'D', 'E', 'P', 'Q', 'K', 'M', 'U', 'V', 'H', 'T', 'G', 'S', 'L', 'N']);
export const SIGNS = coded('sign', ['AD', 'SB', 'IP', 'DP']);
export const UNITS = coded('unit', ['KGM', 'PCE', 'LTR', 'MTQ', 'MTR', 'MTK', 'TNE', 'SET', 'PR', 'GRM', 'NMB', 'DZN']);
export const WEIGHTS = coded('unit', ['KGM', 'TNE', 'LBR']);
export const PACKAGES = coded('pack', ['CT', 'PK', 'BX', 'BG', 'PL', 'BE', 'DR', 'RO', 'CS', 'NE', 'VR', 'VG']);
export const PROOFS = coded('proof', ['E', 'D', 'AK', 'AANZ', 'AI', 'AJ', 'VJ', 'RCEP', 'CPTPP', 'EUR1', 'REX', 'S', 'X']);
export const ROLES = ['declarant', 'officer', 'team_leader', 'branch_head', 'department_head', 'headquarters', 'supervisor', 'risk_analyst', 'laboratory', 'inspectorate', 'bank', 'treasury', 'operator', 'carrier', 'administrator', 'auditor'] as const;
export const TAXES = ['IMPORT', 'EXPORT', 'AD', 'CVD', 'SG', 'SCT', 'EPT', 'VAT'] as const;
export const STATUSES = ['PREREGISTERED', 'REGISTERED', 'DOCUMENT_CHECK', 'GOODS_CHECK', 'AWAITING_TAX', 'RELEASED', 'STORED', 'CLEARED', 'PASSED', 'EXPIRED', 'CANCELLED', 'MANUAL'] as const;
export const CHANNELS = ['GREEN', 'YELLOW', 'RED'] as const;
