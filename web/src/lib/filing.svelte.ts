// SPDX-License-Identifier: Apache-2.0
// A declaration being filed: the form, what the server's dry run says of it, and which boxes the
// person has been in. A box nobody has been in yet and that is empty is "still to fill", not wrong.

import { getContext, setContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { call, Problem } from './api';
import { pick, t, tCode, type Key } from './i18n.svelte';
import { Draft, type Boxes } from './draft.svelte';
import type { Advice, Assessment, DryRun, Finding } from './types';

const WAIT_MS = 350;
/** Lines that the form draws at a time. */
export const WINDOW = 50;

export class Filing {
  draft = new Draft();
  findings = $state.raw<Finding[]>([]);
  assessment = $state.raw<Assessment | null>(null);
  advice = $state.raw<{ line: number; items: Advice[] }[]>([]);
  /** The assessment is of an earlier state: now there are errors, and nothing can be computed. */
  stale = $state(false);
  problem = $state.raw<unknown>(null);
  busy = $state(false);
  /** Registration was tried: from now on what is missing is shown as wrong. */
  attempted = $state(false);
  visited = $state<Record<string, boolean>>({});
  /** The box that holds the cursor: while it is filled for the first time nobody interrupts. */
  focused = $state('');
  /** The first line that the form draws. */
  from = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | null = null;
  #asked = '';

  /** Boxes that the law asks for, by path, with the name they carry; boxes tell it of themselves. */
  names = new SvelteMap<string, { label: Key; required: boolean }>();

  /** Boxes the law asks for that are empty and that the server said nothing of. */
  blanks = $derived.by((): Finding[] => {
    const list: Finding[] = [];
    for (const [path, { required }] of this.names) {
      if (!required || this.text(path) !== '' || this.at(path).length > 0) continue;
      if (this.#near(path).some((f) => path.startsWith(f.path + '/'))) continue;
      list.push({ rule: '', severity: 'error', path, text: { vi: '', en: '' } });
    }
    return list;
  });

  // A declaration has many lines and each box asks for its findings: they are sorted once.
  #sorted = $derived.by(() => {
    const header: Finding[] = [];
    const lines = new Map<number, Finding[]>();
    for (const finding of this.findings) {
      const line = /^\/lines\/(\d+)/.exec(finding.path);
      if (!line) {
        header.push(finding);
        continue;
      }
      const list = lines.get(Number(line[1]));
      if (list) list.push(finding);
      else lines.set(Number(line[1]), [finding]);
    }
    return { header, lines };
  });

  #near(path: string): Finding[] {
    const line = /^\/lines\/(\d+)/.exec(path);
    return line ? (this.#sorted.lines.get(Number(line[1])) ?? []) : this.#sorted.header;
  }

  /** Findings of a box: at its path, below it, and at the further paths that it stands for. */
  at(path: string, also: string[] = []): Finding[] {
    return this.#near(path).filter((f) => f.path === path || f.path.startsWith(path + '/') || also.includes(f.path));
  }

  /** Draws the window that holds this line. */
  show(line: number): void {
    this.from = Math.floor(line / WINDOW) * WINDOW;
  }

  text(path: string): string {
    const line = /^\/lines\/(\d+)\/(.+)$/.exec(path);
    const boxes: Boxes | undefined = line ? this.draft.lines[Number(line[1])]?.boxes : this.draft.boxes;
    return boxes?.[line ? (line[2] as string) : path] ?? '';
  }

  /** Not yet filled in rather than wrong. */
  pending(finding: Finding): boolean {
    if (finding.severity !== 'error' || this.attempted || this.visited[finding.path]) return false;
    return this.empty(finding.path) || finding.path === this.focused;
  }

  private empty(path: string): boolean {
    if (path === '/lines') return this.draft.lines.every((_, i) => this.empty(`/lines/${i}`));
    const line = /^\/lines\/(\d+)(?:\/(.+))?$/.exec(path);
    const boxes = line ? (this.draft.lines[Number(line[1])]?.boxes ?? {}) : this.draft.boxes;
    const key = line ? (line[2] ?? '') : path;
    return !Object.entries(boxes).some(([at, text]) => text !== '' && (key === '' || at === key || at.startsWith(key + '/')) && !at.endsWith('/unit'));
  }

  /** The label of the box that a path belongs to. */
  #label(path: string): string {
    const drawn = path.replace(/^\/lines\/\d+\//, `/lines/${this.from}/`);
    const of = this.names.get(path) ?? this.names.get(drawn) ?? this.names.get(path.replace(/\/(amount|number|total|\d+)?$/, '')) ?? this.names.get(path + '/amount');
    return of ? t(of.label) : '';
  }

  /** The sentence of a finding, for people: boxes are named as they are on the page, where machines
   *  read the names of fields. */
  say(finding: Finding): string {
    const label = this.#label(finding.path);
    if (label && (finding.rule === 'HQ003' || finding.rule === '')) return t('find.missing', { label: label.toLocaleLowerCase() });
    const own = tCode('rule', finding.rule);
    if (label && own !== finding.rule) return own.replace('{label}', label);
    const field = finding.path.split('/').filter((part) => !/^\d*$/.test(part)).at(-1) ?? '';
    let text = pick(finding.text);
    if (label && field && text.startsWith(field + ' ')) text = label + text.slice(field.length);
    return text.replace(/\b[a-z_]+(?:\.[a-z_]+)+\b/g, (name) => {
      const named = this.#label('/' + name.replaceAll('.', '/'));
      return named ? `\u201c${named}\u201d` : name;
    });
  }

  /** Starts a dry run a moment after the last change; an earlier one is dropped. */
  changed(body: unknown): void {
    const text = JSON.stringify(body);
    if (text === this.#asked) return;
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#timer = setTimeout(() => void this.#ask(text), WAIT_MS);
  }

  /** Once more, when what was asked last got no answer. */
  again(): void {
    if (this.problem) this.changed(this.draft.body());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  async #ask(text: string): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.busy = true;
    try {
      const answer = await call<DryRun>('POST', '/api/v1/declarations?mode=dry_run', { text, type: 'application/json', signal: abort.signal });
      this.#take(answer.data);
      this.#asked = text;
    } catch (error) {
      if (abort.signal.aborted) return;
      if (error instanceof Problem && error.status === 422) {
        this.#take({ ...(error.members as DryRun), findings: error.errors });
        this.#asked = text;
      } else {
        this.problem = error;
      }
    } finally {
      if (this.#abort === abort) this.busy = false;
    }
  }

  #take(result: DryRun): void {
    this.problem = null;
    // A declaration that is being changed is no other one with the same reference.
    const own = this.draft.number;
    this.findings = (result.findings ?? []).filter((f) => !(own && f.rule === 'HQ301' && f.text.vi.includes(own)));
    this.stale = !result.assessment && this.assessment !== null;
    if (result.assessment) this.assessment = result.assessment;
    this.advice = result.advice ?? [];
  }

  /** Puts the cursor into the box that a finding is about, or the nearest one. */
  jump(path: string): void {
    const line = /^\/lines\/(\d+)\//.exec(path);
    if (line) {
      const of = this.draft.lines[Number(line[1])];
      if (of) of.open = true;
      this.show(Number(line[1]));
    }
    requestAnimationFrame(() => {
      let box: Element | null = null;
      for (let at = path; box === null && at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
        box = document.querySelector(`[data-path="${CSS.escape(at)}"]`) ?? document.querySelector(`[data-path^="${CSS.escape(at)}/"]`);
      }
      if (!(box instanceof HTMLElement)) return;
      box.closest('details')?.setAttribute('open', '');
      box.scrollIntoView({ block: 'center' });
      box.focus({ preventScroll: true });
    });
  }
}

const KEY = Symbol('filing');
export const provideFiling = (filing: Filing): void => {
  setContext(KEY, filing);
};
export const useFiling = (): Filing => getContext<Filing>(KEY);
