// SPDX-License-Identifier: Apache-2.0
// What stands in the form of a declaration. Every box is a text under the JSON pointer that it has in
// the body, so that a finding's path is the box it belongs to. Lines are kept apart (their number
// changes), each with pointers relative to the line.

import { multiply } from './number';
import { fold } from './fold';
import type { Shelf, Stored } from './shelf';
import type { Declaration, Flow } from './types';

export type Boxes = Record<string, string>;
export type DraftLine = { key: number; boxes: Boxes; open: boolean };

/** Boxes that are whole numbers in the body. */
const WHOLE = /(^\/packages\/count|customs_value|reduction)$/;
/** Boxes that hold several values, separated by spaces, commas or semicolons. */
const LISTS = new Set(['/bills', '/containers']);
const NUMBERS = /(^|\/)lines$/;

let nextKey = 1;

export class Draft {
  flow = $state<Flow>('import');
  boxes = $state<Boxes>({});
  lines = $state<DraftLine[]>([]);
  /** Number of the pre-registered declaration that is being edited; empty for a new one. */
  number = $state('');
  savedAt = $state(0);
  /** The browser could not keep it. */
  unkept = $state(false);

  constructor() {
    this.clear('import', '');
  }

  clear(flow: Flow, taxCode: string): void {
    this.flow = flow;
    this.number = '';
    this.boxes = {
      '/kind': flow === 'import' ? 'A11' : 'B11',
      '/transport_mode': '4',
      '/parties': '4',
      '/packages/unit': 'CT',
      '/gross_weight/unit': 'KGM',
      '/invoice/price_kind': 'A',
      '/invoice/payment_method': 'TTR',
      '/invoice/currency': 'USD',
      '/valuation/method': '6',
      '/payment/term': 'D',
      [flow === 'import' ? '/importer/tax_code' : '/exporter/tax_code']: taxCode,
    };
    this.lines = [];
    this.addLine();
  }

  /** import <-> export: the same goods, the parties change sides. */
  turn(flow: Flow): void {
    if (flow === this.flow) return;
    const boxes: Boxes = {};
    for (const [path, value] of Object.entries(this.boxes)) {
      let to = path;
      if (path.startsWith('/importer/')) to = path.replace('/importer/', '/exporter/');
      else if (path.startsWith('/exporter/')) to = path.replace('/exporter/', '/importer/');
      else if (path === '/arrival_date') to = '/departure_date';
      else if (path === '/departure_date') to = '/arrival_date';
      boxes[to] = value;
    }
    boxes['/kind'] = flow === 'import' ? 'A11' : 'B11';
    this.flow = flow;
    this.boxes = boxes;
    for (const line of this.lines) line.boxes.scheme = '';
  }

  addLine(after?: number, like?: DraftLine): number {
    const boxes: Boxes = like ? { ...like.boxes } : { origin: this.lines.at(-1)?.boxes.origin ?? '', scheme: this.flow === 'import' ? (this.lines.at(-1)?.boxes.scheme ?? 'B01') : '' };
    const at = after === undefined ? this.lines.length : after + 1;
    this.lines.splice(at, 0, { key: nextKey++, boxes, open: false });
    return at;
  }

  removeLine(index: number): void {
    this.lines.splice(index, 1);
    if (this.lines.length === 0) this.addLine();
  }

  /** Quantity or price changed: the value follows, as long as nobody typed it himself. */
  recount(line: DraftLine): void {
    const value = multiply(line.boxes['quantity/amount'] ?? '', line.boxes.unit_price ?? '', 4);
    if (value !== null && value !== '0') line.boxes.invoice_value = value;
  }

  /** One value at its JSON pointer, as customs ordered it. */
  put(path: string, what: unknown): void {
    const text = what === null || what === undefined ? '' : String(what);
    const line = /^\/lines\/(\d+)\/(.+)$/.exec(path);
    if (!line) this.boxes[path] = text;
    else {
      const of = this.lines[Number(line[1])];
      if (of) of.boxes[line[2] as string] = text;
    }
  }

  /** Something worth keeping has been typed. */
  get touched(): boolean {
    return this.lines.some((line) => line.boxes.hs || line.boxes.description) || Boolean(this.boxes['/invoice/number'] || this.boxes['/bills']);
  }

  body(): Declaration {
    const body: Record<string, unknown> = { flow: this.flow };
    for (const [path, text] of Object.entries(this.boxes)) put(body, path.slice(1).split('/'), value(path, text));
    body.lines = this.lines.map((line) => {
      const one: Record<string, unknown> = {};
      for (const [path, text] of Object.entries(line.boxes)) put(one, path.split('/'), value(path, text));
      return one;
    });
    return body as Declaration;
  }

  fill(declaration: Declaration, number: string): void {
    const boxes: Boxes = {};
    const { flow, lines, ...rest } = declaration;
    flatten(boxes, '', rest);
    this.flow = flow;
    this.boxes = boxes;
    this.number = number;
    this.lines = (lines ?? []).map((line) => {
      const of: Boxes = {};
      flatten(of, '', line);
      return { key: nextKey++, boxes: Object.fromEntries(Object.entries(of).map(([path, text]) => [path.slice(1), text])), open: false };
    });
    if (this.lines.length === 0) this.addLine();
  }

  store(shelf: Shelf, id: string, etag: string): void {
    const stored: Stored = { version: 1, flow: this.flow, boxes: { ...this.boxes }, lines: this.lines.map((line) => ({ ...line.boxes })), number: this.number, etag, saved: Date.now() };
    this.unkept = !shelf.write(id, stored);
    if (!this.unkept) this.savedAt = stored.saved;
  }

  recall(stored: Stored): void {
    this.flow = stored.flow;
    this.boxes = stored.boxes;
    this.lines = stored.lines.map((boxes) => ({ key: nextKey++, boxes, open: false }));
    this.number = stored.number;
    this.savedAt = stored.saved;
  }

  forget(shelf: Shelf, id: string): void {
    shelf.remove(id);
    this.savedAt = 0;
  }
}

/** Nobody types these, but they come along from web pages and documents: no width, no ink, or they
 *  turn the direction of the text that follows. */
const UNSEEN = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
/** Codes: written together, in capitals. */
const CODES = /(^\/(office|kind|loading_place|unloading_place|storage_place|permits\/\d+\/kind)|\/tax_code|^hs)$/;

function value(path: string, typed: string): unknown {
  let text = typed.replace(UNSEEN, '').trim();
  if (CODES.test(path)) text = text.replace(/\s/g, '').toUpperCase();
  if (text === '') return undefined;
  if (path === '/containers') text = text.toUpperCase();
  if (LISTS.has(path)) return text.split(/[\s,;]+/).filter(Boolean);
  if (NUMBERS.test(path)) return text.split(/[\s,;]+/).filter(Boolean).map(Number);
  if (WHOLE.test(path) && /^\d{1,15}$/.test(text)) return Number(text);
  return text;
}

function put(into: Record<string, unknown>, path: string[], what: unknown): void {
  if (what === undefined) return;
  let at: Record<string, unknown> = into;
  for (let i = 0; i < path.length - 1; i++) {
    const step = path[i] as string;
    at[step] ??= /^\d+$/.test(path[i + 1] as string) ? [] : {};
    at = at[step] as Record<string, unknown>;
  }
  at[path.at(-1) as string] = what;
}

function flatten(boxes: Boxes, path: string, what: unknown): void {
  if (what === null || what === undefined) return;
  if (LISTS.has(path)) boxes[path] = (what as string[]).join(' ');
  else if (NUMBERS.test(path)) boxes[path] = (what as number[]).join(' ');
  else if (typeof what === 'object') for (const [name, inner] of Object.entries(what)) flatten(boxes, `${path}/${name}`, inner);
  else boxes[path] = String(what);
}

/** Rows pasted from a spreadsheet -> boxes, from the named column on. Words of the header row are skipped. */
export const COLUMNS = ['hs', 'description', 'origin', 'scheme', 'quantity/amount', 'quantity/unit', 'unit_price', 'invoice_value'] as const;
export function pasted(text: string, from: string, number: (text: string) => string | null): Boxes[] {
  const first = Math.max(0, COLUMNS.indexOf(from as (typeof COLUMNS)[number]));
  const rows = text.replace(/\r/g, '').split('\n').filter((row) => row.trim() !== '');
  return rows
    .filter((row, i) => !(i === 0 && /^(ma )?hs\b/.test(fold(row))))
    .map((row) => {
      const boxes: Boxes = {};
      row.split('\t').forEach((cell, i) => {
        const column = COLUMNS[first + i];
        if (!column) return;
        const plain = cell.trim();
        if (column === 'hs') boxes[column] = plain.replace(/[.\s]/g, '');
        else if (column === 'quantity/amount' || column === 'unit_price' || column === 'invoice_value') boxes[column] = number(plain) ?? plain;
        else boxes[column] = plain;
      });
      return boxes;
    });
}
