// SPDX-License-Identifier: Apache-2.0
// What can be done with a declaration and which boxes each act has. The server says what is possible
// (`possible` of the record) and checks everything; here is only how it is asked for. Words of codes
// are in the catalogue under "<family>.<code>".

import type { Key } from './i18n.svelte';
import { parseNumber } from './number';
import { session } from './session.svelte';
import type { Choice } from './reference.svelte';
import type { Values } from './keep.svelte';
import type { Attachment, Line } from './types';

export type Kind =
  | 'text' | 'area' | 'select' | 'number' | 'whole' | 'day' | 'time' | 'lines' | 'files' | 'flag'
  | 'checks' | 'rows' | 'containers' | 'combo' | 'words' | 'office';
export type Box = {
  /** Place in the body: names with "/" between. */
  name: string;
  label: Key;
  kind: Kind;
  required?: boolean;
  hint?: Key;
  max?: number;
  /** Codes of a select or of checks, and the family of their words. */
  codes?: readonly string[];
  family?: string;
  /** Suggestions of a combo. */
  choices?: Choice[];
  /** Shown only then. */
  when?: (values: Values) => boolean;
  /** Of rows. */
  columns?: Box[];
  add?: Key;
};
export type Act = {
  /** As `possible` names it. */
  verb: string;
  label: Key;
  boxes: Box[];
  /** What it means, in a sentence. */
  what?: Key;
  /** An officer or declarant asks, a head decides. */
  decided?: boolean;
  danger?: boolean;
};
/** What boxes may refer to. */
export type About = { number: string; lines: Line[]; attachments: Attachment[]; containers: string[]; canAttach: boolean };

const reason: Box = { name: 'reason', label: 'act.reason', kind: 'area', required: true, max: 2000 };
/** Beside a ground. */
const why: Box = { ...reason, required: false };
const note: Box = { name: 'note', label: 'act.note', kind: 'area', max: 2000 };
const of = (...kinds: string[]) => (values: Values): boolean => kinds.includes(String(values.kind ?? ''));

export const INSTRUCTION_KINDS = ['SUPPLEMENT', 'EXPLAIN', 'AMEND', 'PRESENT', 'OTHER'] as const;
export const ATTACHMENT_KINDS = ['INVOICE', 'CONTRACT', 'PACKING_LIST', 'BILL', 'ORIGIN', 'PERMIT', 'QUALITY', 'VALUATION', 'ANALYSIS', 'PHOTO', 'OTHER'] as const;
export const DECISIONS = ['channel', 'extension', 'cancellation', 'release', 'storage', 'manual', 'holds', 'lift', 'matters'] as const;
const TAX_CODES = ['IMPORT', 'EXPORT', 'AD', 'CVD', 'SG', 'SCT', 'EPT', 'VAT'] as const;

/** Members of a line that customs may order to be changed. */
export const CHANGED = ['hs', 'scheme', 'customs_value', 'invoice_value', 'quantity/amount', 'quantity/unit', 'unit_price', 'origin', 'description', '/invoice/total', '/invoice/incoterm'] as const;
const changes = (when: (values: Values) => boolean): Box => ({
  name: 'changes', label: 'matter.changes', kind: 'rows', add: 'matter.change_add', when,
  columns: [
    { name: 'line', label: 'matter.line', kind: 'whole' },
    { name: 'field', label: 'matter.field', kind: 'select', required: true, codes: CHANGED, family: 'change' },
    { name: 'value', label: 'matter.value', kind: 'text', required: true },
  ],
});

export const ACTS: Act[] = [
  {
    verb: 'instructions', label: 'act.instructions', what: 'act.instructions_what',
    boxes: [
      { name: 'kind', label: 'act.kind', kind: 'select', required: true, codes: INSTRUCTION_KINDS, family: 'instruction' },
      { name: 'due', label: 'act.due', kind: 'day', hint: 'act.due_hint' },
      { name: 'lines', label: 'act.lines', kind: 'lines' },
      { name: 'text', label: 'act.text', kind: 'area', required: true, max: 2000 },
    ],
  },
  {
    verb: 'matters', label: 'act.matters', what: 'act.matters_what',
    boxes: [
      { name: 'kind', label: 'act.kind', kind: 'select', required: true, codes: ['ORDERED_AMENDMENT', 'ANALYSIS', 'CONSULTATION', 'IMPOSED_TAX', 'VIOLATION', 'REFUSAL'], family: 'matter' },
      { name: 'about', label: 'matter.about', kind: 'select', required: true, codes: ['CODE', 'RATE', 'VALUE', 'OTHER'], family: 'about', when: of('ORDERED_AMENDMENT') },
      { name: 'act', label: 'matter.act', kind: 'select', required: true, codes: ['WRONG_DECLARATION', 'MISSING_DECLARATION', 'PROHIBITED_GOODS', 'NO_PERMIT', 'COUNTERFEIT', 'LATE', 'OTHER'], family: 'violation', when: of('VIOLATION') },
      { name: 'record_number', label: 'matter.record_number', kind: 'text', max: 64, when: of('VIOLATION') },
      { name: 'disposal', label: 'matter.disposal', kind: 'select', required: true, codes: ['RE_EXPORT', 'DESTRUCTION', 'OTHER'], family: 'disposal', when: of('REFUSAL') },
      { name: 'invitation/at', label: 'matter.invited_at', kind: 'time', required: true, when: of('CONSULTATION') },
      { name: 'invitation/place', label: 'matter.place', kind: 'text', required: true, max: 200, when: of('CONSULTATION') },
      { name: 'due', label: 'act.due', kind: 'day', when: of('ANALYSIS', 'REFUSAL') },
      { name: 'lines', label: 'act.lines', kind: 'lines', when: (v) => v.kind !== 'IMPOSED_TAX' },
      changes(of('ORDERED_AMENDMENT')),
      {
        name: 'amounts', label: 'matter.amounts', kind: 'rows', required: true, add: 'matter.amount_add', when: of('IMPOSED_TAX'),
        columns: [
          { name: 'line', label: 'matter.line', kind: 'whole', required: true },
          { name: 'tax', label: 'one.tax', kind: 'select', required: true, codes: TAX_CODES, family: 'tax' },
          { name: 'amount', label: 'matter.amount', kind: 'whole', required: true },
        ],
      },
      { name: 'ground', label: 'matter.ground', kind: 'area', required: true, max: 500, when: of('IMPOSED_TAX', 'REFUSAL') },
      { name: 'text', label: 'act.text', kind: 'area', required: true, max: 2000 },
    ],
  },
  {
    verb: 'channel', label: 'act.channel', what: 'act.channel_what', decided: true,
    boxes: [{ name: 'to', label: 'act.to', kind: 'select', required: true, codes: ['GREEN', 'YELLOW', 'RED'], family: 'channel' }, reason],
  },
  {
    verb: 'pauses', label: 'act.pauses', what: 'act.pauses_what',
    boxes: [{ name: 'clock', label: 'act.clock', kind: 'select', required: true, codes: ['document_check', 'goods_check'], family: 'clock' }, reason],
  },
  { verb: 'extension', label: 'act.extension', what: 'act.extension_what', decided: true, boxes: [reason] },
  {
    verb: 'release', label: 'act.release', what: 'act.release_what', decided: true,
    boxes: [{ name: 'ground', label: 'act.ground', kind: 'select', required: true, codes: ['CLASSIFICATION', 'VALUE', 'ANALYSIS', 'OTHER'], family: 'release' }, why],
  },
  {
    verb: 'storage', label: 'act.storage', what: 'act.storage_what', decided: true,
    boxes: [
      { name: 'ground', label: 'act.ground', kind: 'select', required: true, codes: ['QUARANTINE', 'QUALITY', 'FOOD_SAFETY', 'PERMIT', 'OTHER'], family: 'storage' },
      { name: 'place', label: 'act.place', kind: 'text', max: 300, hint: 'act.place_hint' },
      { name: 'agency', label: 'act.agency', kind: 'text', max: 200 },
      why,
    ],
  },
  {
    verb: 'result', label: 'act.result', what: 'act.result_what',
    boxes: [
      { name: 'result', label: 'check.result', kind: 'select', required: true, codes: ['satisfactory', 'unsatisfactory'], family: 'result' },
      { name: 'agency', label: 'act.agency', kind: 'text', max: 200 },
      { name: 'document', label: 'act.document', kind: 'text', max: 100 },
      { name: 'date', label: 'act.date', kind: 'day' },
      { name: 'disposal', label: 'matter.disposal', kind: 'select', codes: ['REEXPORT', 'DESTROY', 'RECYCLE', 'OTHER'], family: 'disposal', when: (v) => v.result === 'unsatisfactory' },
      { name: 'breach', label: 'act.breach', kind: 'flag', when: (v) => v.result === 'unsatisfactory' },
      note,
    ],
  },
  {
    verb: 'passage', label: 'act.passage', what: 'act.passage_what',
    boxes: [
      { name: 'vehicle', label: 'act.vehicle', kind: 'text', required: true, max: 50 },
      { name: 'packages', label: 'act.packages', kind: 'whole', hint: 'act.packages_hint' },
      { name: 'code', label: 'act.code', kind: 'text', max: 60, hint: 'act.code_hint' },
      { name: 'containers', label: 'f.containers', kind: 'containers' },
      { name: 'partial', label: 'act.partial', kind: 'flag' },
    ],
  },
  {
    verb: 'holds', label: 'act.holds', what: 'act.holds_what', decided: true,
    boxes: [
      { name: 'order', label: 'act.order', kind: 'select', required: true, codes: ['HOLD', 'GOODS_CHECK', 'SCAN'], family: 'order' },
      { name: 'until', label: 'act.until', kind: 'day', hint: 'act.until_hint' },
      { name: 'ground', label: 'act.ground', kind: 'area', required: true, max: 2000 },
    ],
  },
  { verb: 'manual', label: 'act.manual', what: 'act.manual_what', decided: true, boxes: [reason] },
  {
    verb: 'cancellation', label: 'act.cancellation', what: 'act.cancellation_what', decided: true, danger: true,
    boxes: [
      { name: 'ground', label: 'act.ground', kind: 'select', required: true, codes: ['DOCUMENTS_NOT_PRESENTED', 'GOODS_NOT_PRESENTED', 'GOODS_NOT_ARRIVED', 'SYSTEM_ERROR', 'DUPLICATE', 'NOT_EXPORTED', 'NOT_IMPORTED', 'FIELD_NOT_AMENDABLE', 'OTHER'], family: 'cancel' },
      why,
    ],
  },
];

/** Acts upon one thing of the declaration, offered where it is shown. */
export const ANSWER: Act = {
  verb: 'answers', label: 'act.answers',
  boxes: [
    { name: 'text', label: 'act.answer', kind: 'area', max: 2000 },
    { name: 'attachments', label: 'act.files', kind: 'files' },
  ],
};
export const CLOSE_INSTRUCTION: Act = { verb: 'instructions/{id}/closure', label: 'act.close', boxes: [note] };
export const ACCEPT_AMENDMENT: Act = { verb: 'amendments', label: 'act.accept', boxes: [note] };
export const REFUSE: Act = { verb: 'refusal', label: 'act.refuse', boxes: [reason] };
export const WITHDRAW: Act = { verb: 'withdrawal', label: 'act.withdraw', boxes: [{ ...reason, required: false }] };
export const RESUME: Act = { verb: 'pauses/{id}/end', label: 'act.resume', boxes: [] };
export const LIFT: Act = { verb: 'lift', label: 'act.lift', decided: true, boxes: [reason] };
export const SAMPLES: Act = {
  verb: 'matters/{id}/samples', label: 'act.samples',
  boxes: [{
    name: 'samples', label: 'matter.samples', kind: 'rows', required: true, add: 'matter.sample_add',
    columns: [
      { name: 'line', label: 'matter.line', kind: 'whole', required: true },
      { name: 'quantity/amount', label: 'line.quantity', kind: 'number', required: true },
      { name: 'quantity/unit', label: 'line.unit', kind: 'text', required: true, max: 4 },
      { name: 'seal', label: 'matter.seal', kind: 'text', required: true, max: 64 },
      { name: 'declarant_present', label: 'matter.present', kind: 'flag' },
    ],
  }],
};
export const MINUTES: Act = {
  verb: 'matters/{id}/minutes', label: 'act.minutes',
  boxes: [
    { name: 'held_at', label: 'matter.held_at', kind: 'time', required: true },
    { name: 'outcome', label: 'matter.outcome', kind: 'select', required: true, codes: ['ACCEPTED', 'REJECTED', 'AGREED', 'ABSENT'], family: 'consulted' },
    changes((v) => v.outcome === 'ACCEPTED'),
    { name: 'text', label: 'matter.minutes', kind: 'area', required: true, max: 2000 },
  ],
};
export const DISPOSAL: Act = {
  verb: 'matters/{id}/disposal', label: 'act.disposal', danger: true,
  boxes: [{ name: 'text', label: 'act.text', kind: 'area', required: true, max: 2000 }, { name: 'evidence', label: 'act.files', kind: 'files' }],
};
export const closeMatter = (outcomes: readonly string[]): Act => ({
  verb: 'matters/{id}/closure', label: 'act.close',
  boxes: [{ name: 'outcome', label: 'matter.outcome', kind: 'select', required: true, codes: outcomes, family: 'outcome' }, note],
});

export const actOf = (verb: string): Act | undefined => (verb === 'lift' ? LIFT : ACTS.find((act) => act.verb === verb));

const HEADS = ['branch_head', 'department_head', 'headquarters'];

/** Does the person decide what others may only ask for: as a head, or by a head's delegation? */
export function decides(verb: string): boolean {
  const me = session.me;
  if (!me) return false;
  if (HEADS.includes(me.role)) return true;
  return (me.delegated ?? []).some((given) => given.deed === 'decide' && (given.act === null || given.act.split(' ').includes(`declaration.${verb}`)));
}

/** Boxes that stand in the form with these values. */
export const shown = (boxes: Box[], values: Values): Box[] => boxes.filter((box) => !box.when || box.when(values));

/** Is this path that of the box? What is wrong within a line of the declaration is not wrong with the box that names lines. */
export const belongs = (box: Box, path: string, pointer = `/${box.name}`): boolean =>
  box.kind === 'lines' ? /^(\/\d+)?$/.test(path.slice(pointer.length)) && path.startsWith(pointer) : path === pointer || path.startsWith(pointer + '/');

function valueOf(box: Box, raw: unknown): unknown {
  switch (box.kind) {
    case 'flag':
      return raw === true ? true : undefined;
    case 'lines': {
      const list = String(raw ?? '').split(/[\s,;]+/).filter(Boolean);
      return list.length > 0 ? list.map((one) => (/^\d+$/.test(one) ? Number(one) : one)) : undefined;
    }
    case 'words': {
      const list = String(raw ?? '').split(/[\s,;]+/).filter(Boolean);
      return list.length > 0 ? list : undefined;
    }
    case 'containers':
      if (typeof raw === 'string') {
        const list = raw.toUpperCase().split(/[\s,;]+/).filter(Boolean);
        return list.length > 0 ? list : undefined;
      }
      return Array.isArray(raw) && raw.length > 0 ? [...(raw as unknown[])] : undefined;
    case 'files': case 'checks':
      return Array.isArray(raw) && raw.length > 0 ? [...(raw as unknown[])] : undefined;
    case 'whole': {
      const text = String(raw ?? '').trim();
      return text === '' ? undefined : /^\d{1,15}$/.test(text) ? Number(text) : text;
    }
    case 'time': {
      const text = String(raw ?? '').trim();
      const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{1,2}):?(\d{2})$/.exec(text);
      return text === '' ? undefined : match ? `${match[1]}T${String(match[2]).padStart(2, '0')}:${match[3]}:00+07:00` : text;
    }
    case 'rows': {
      const rows = (Array.isArray(raw) ? (raw as Values[]) : []).filter((row) => Object.values(row).some((cell) => cell !== '' && cell !== false && cell !== undefined));
      if (rows.length === 0) return undefined;
      return box.name === 'changes' ? rows.map(change) : rows.map((row) => body(box.columns ?? [], row));
    }
    default: {
      const text = String(raw ?? '').trim();
      return text === '' ? undefined : text;
    }
  }
}

/** A line, a field of it and a value -> as an amendment states it. */
function change(row: Values): unknown {
  const field = String(row.field ?? '');
  const text = String(row.value ?? '').trim();
  const amount = /(amount|value|price|total)$/.test(field) ? (parseNumber(text) ?? text) : text;
  return { path: field.startsWith('/') ? field : `/lines/${Number(row.line) - 1}/${field}`, value: field === 'customs_value' && /^\d{1,15}$/.test(amount) ? Number(amount) : amount };
}

function put(into: Values, path: string[], what: unknown): void {
  let at = into;
  for (const step of path.slice(0, -1)) at = (at[step] ??= {}) as Values;
  at[path.at(-1) as string] = what;
}

/** What the boxes say, as the server reads it; what is empty is left out. */
export function body(boxes: Box[], values: Values): Values {
  const out: Values = {};
  for (const box of shown(boxes, values)) {
    const value = valueOf(box, values[box.name]);
    if (value !== undefined) put(out, box.name.split('/'), value);
  }
  return out;
}

/** The other way: a body as boxes. */
export function values(boxes: Box[], from: Values): Values {
  const out: Values = {};
  for (const box of boxes) {
    let at: unknown = from;
    for (const step of box.name.split('/')) at = at !== null && typeof at === 'object' ? (at as Values)[step] : undefined;
    if (at === undefined || at === null) continue;
    if (box.kind === 'words') out[box.name] = (at as string[]).join(' ');
    else if (box.kind === 'lines') out[box.name] = (at as number[]).join(', ');
    else if (box.kind === 'rows' && box.name === 'changes') {
      out[box.name] = (at as { path: string; value: unknown }[]).map((one) => {
        const match = /^\/lines\/(\d+)\/(.+)$/.exec(one.path);
        return { line: match ? String(Number(match[1]) + 1) : '', field: match?.[2] ?? one.path, value: String(one.value ?? '') };
      });
    } else if (box.kind === 'rows') out[box.name] = (at as Values[]).map((row) => values(box.columns ?? [], row));
    else if (box.kind === 'time') out[box.name] = String(at).slice(0, 16).replace('T', ' ');
    else if (box.kind === 'day') out[box.name] = String(at).slice(0, 10);
    else out[box.name] = typeof at === 'object' || typeof at === 'boolean' ? at : String(at);
  }
  return out;
}
