// SPDX-License-Identifier: Apache-2.0
// Drafts kept in this browser, each under a name of its own, so that two tabs, or a new declaration
// and one that is being changed, never overwrite each other. A tab remembers which one it holds.

import type { Boxes } from './draft.svelte';
import type { Flow } from './types';

export type Stored = { version: 1; flow: Flow; boxes: Boxes; lines: Boxes[]; number: string; etag: string; saved: number };
/** What a list of drafts says of each. */
export type Kept = { id: string; flow: Flow; number: string; title: string; lines: number; saved: number };

const MOST = 20;

export class Shelf {
  #prefix: string;
  #tab: string;

  constructor(user: string) {
    this.#prefix = `haiquan.draft.${user}/`;
    this.#tab = `haiquan.draft.${user}`;
  }

  read(id: string): Stored | null {
    try {
      const stored = JSON.parse(localStorage.getItem(this.#prefix + id) ?? 'null') as Stored | null;
      return stored?.version === 1 ? stored : null;
    } catch {
      return null;
    }
  }

  /** False when the browser has no room or keeps nothing. */
  write(id: string, stored: Stored): boolean {
    try {
      localStorage.setItem(this.#prefix + id, JSON.stringify(stored));
      return true;
    } catch {
      return false;
    }
  }

  remove(id: string): void {
    localStorage.removeItem(this.#prefix + id);
  }

  /** The newest first. Beyond the newest twenty they are thrown away. */
  list(): Kept[] {
    const kept: Kept[] = [];
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(this.#prefix)) continue;
      const id = name.slice(this.#prefix.length);
      const stored = this.read(id);
      if (!stored) continue;
      const boxes = stored.boxes;
      kept.push({
        id, flow: stored.flow, number: stored.number, lines: stored.lines.length, saved: stored.saved,
        title: boxes['/invoice/number'] || boxes['/bills'] || boxes['/reference'] || stored.lines.find((line) => line.description)?.description || '',
      });
    }
    kept.sort((a, b) => b.saved - a.saved);
    for (const old of kept.splice(MOST)) this.remove(old.id);
    return kept;
  }

  /** The new declaration that this tab is at; it outlives a reload. */
  get mine(): string {
    let id = sessionStorage.getItem(this.#tab);
    if (!id) sessionStorage.setItem(this.#tab, (id = crypto.randomUUID()));
    return id;
  }

  /** This tab begins another one. */
  begin(): string {
    sessionStorage.removeItem(this.#tab);
    return this.mine;
  }

  /** This tab goes on with a kept draft. It takes it under its own name: should another tab still
   *  have it open, what is typed there is kept apart. */
  take(id: string): Stored | null {
    const stored = this.read(id);
    if (!stored) return null;
    this.remove(id);
    this.write(this.begin(), stored);
    return stored;
  }
}
