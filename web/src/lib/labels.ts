// SPDX-License-Identifier: Apache-2.0
// Names of the fields of a declaration, as the form has them, by JSON pointer; and what differs
// between two states of boxes.

import { showDay } from './date';
import { t, type Key } from './i18n.svelte';
import { showShort } from './number';
import type { Declaration } from './types';

const HEADER: Record<string, Key> = {
  '/flow': 'file.flow', '/kind': 'f.kind', '/office': 'f.office', '/transport_mode': 'f.transport_mode', '/parties': 'f.parties', '/reference': 'f.reference',
  '/bills': 'f.bills', '/packages/count': 'f.packages', '/packages/unit': 'f.package_unit', '/gross_weight/amount': 'f.gross_weight', '/gross_weight/unit': 'f.weight_unit',
  '/conveyance': 'f.conveyance', '/arrival_date': 'f.arrival_date', '/departure_date': 'f.departure_date', '/loading_place': 'f.loading_place',
  '/unloading_place': 'f.unloading_place', '/storage_place': 'f.storage_place', '/containers': 'f.containers', '/notes': 'f.notes',
  '/principal/tax_code': 'f.principal', '/principal/name': 'f.principal_name', '/agent/tax_code': 'f.agent',
  '/invoice/number': 'f.invoice_number', '/invoice/date': 'f.invoice_date', '/invoice/incoterm': 'f.incoterm', '/invoice/currency': 'f.currency',
  '/invoice/total': 'f.total', '/invoice/payment_method': 'f.payment_method', '/invoice/price_kind': 'f.price_kind',
  '/valuation/method': 'f.method', '/valuation/freight/kind': 'f.freight_kind', '/valuation/freight/amount': 'f.freight', '/valuation/freight/currency': 'f.freight_currency',
  '/valuation/insurance/kind': 'f.insurance_kind', '/valuation/insurance/amount': 'f.insurance', '/valuation/insurance/currency': 'f.insurance_currency',
  '/valuation/invoice_total_all': 'f.total_all', '/valuation/invoice_prior': 'f.prior', '/payment/term': 'f.term', '/payment/guarantee': 'f.guarantee',
};
const LINE: Record<string, Key> = {
  hs: 'line.hs', description: 'line.description', origin: 'line.origin', scheme: 'line.scheme', 'quantity/amount': 'line.quantity', 'quantity/unit': 'line.unit',
  'quantity2/amount': 'line.quantity2', 'quantity2/unit': 'line.unit2', unit_price: 'line.price', invoice_value: 'line.value', customs_value: 'line.manual', producer: 'line.producer',
  'origin_proof/form': 'line.proof_form', 'origin_proof/number': 'line.proof_number', 'origin_proof/date': 'line.proof_date',
  'exemption/code': 'line.exemption', 'exemption/reduction': 'line.reduction',
};

export function labelOf(path: string): string {
  const line = /^\/lines\/(\d+)\/(.+)$/.exec(path);
  if (line) return `${t('line.of', { n: Number(line[1]) + 1 })} · ${lineLabel(line[2] ?? '')}`;
  const key = HEADER[path];
  if (key) return t(key);
  const party = /^\/(importer|exporter)\/(name|address|phone|country|code|tax_code)$/.exec(path);
  if (party) return `${t(party[1] === 'importer' ? 'file.importer' : 'file.exporter')} · ${t(`f.${party[2]}` as Key)}`;
  const adjust = /^\/valuation\/adjustments/.exec(path);
  if (adjust) return t('f.adjust');
  return path;
}
export function lineLabel(path: string): string {
  const key = LINE[path];
  return key ? t(key) : /^taxes/.test(path) ? t('line.other_tax') : path;
}

/** Leaves of a value by their path below it. */
export function leaves(what: unknown, path = ''): Record<string, string> {
  const out: Record<string, string> = {};
  if (what === null || what === undefined || what === '') return out;
  if (Array.isArray(what) && what.every((one) => typeof one !== 'object')) out[path] = what.join(', ');
  else if (typeof what === 'object') for (const [name, inner] of Object.entries(what)) Object.assign(out, leaves(inner, path === '' ? name : `${path}/${name}`));
  else out[path] = String(what);
  return out;
}

export type Change = { path: string; before: string; after: string };

/** What differs, by path: of two values. */
export function differing(before: unknown, after: unknown): Change[] {
  const a = leaves(before);
  const b = leaves(after);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((path) => a[path] !== b[path]).map((path) => ({ path, before: a[path] ?? '', after: b[path] ?? '' }));
}

/** Of two declarations, of which most lines are the same. */
export function changed(before: Declaration, after: Declaration): Change[] {
  const { lines: a = [], ...head } = before;
  const { lines: b = [], ...now } = after;
  const list = differing(head, now);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (JSON.stringify(a[i]) === JSON.stringify(b[i])) continue;
    for (const one of differing(a[i], b[i])) list.push({ ...one, path: `lines/${i}/${one.path}` });
  }
  return list;
}

/** A leaf as people read it: amounts grouped, days in the order of the land. */
export function figure(path: string, text: string): string {
  if (/(amount|value|total|total_all|prior|price|count|reduction)$/.test(path)) return showShort(text);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? showDay(text) : text;
}
