// SPDX-License-Identifier: Apache-2.0
// A list read page by page with a cursor: the newest question wins, further pages are added below.

import { get } from './api';
import type { Page } from './types';

export class Lister<T> {
  items = $state.raw<T[]>([]);
  next = $state<string | null>(null);
  busy = $state(false);
  /** A first answer has come. */
  known = $state(false);
  problem = $state.raw<unknown>(null);
  #path = '';
  #abort: AbortController | null = null;

  /** From the beginning. `quiet` keeps what is shown until the answer is there. */
  async load(path: string, quiet = false): Promise<void> {
    this.#path = path;
    if (!quiet) this.busy = true;
    await this.#read(path, []);
  }

  async more(): Promise<void> {
    if (!this.next || this.busy) return;
    this.busy = true;
    const sign = this.#path.includes('?') ? '&' : '?';
    await this.#read(`${this.#path}${sign}cursor=${encodeURIComponent(this.next)}`, this.items);
  }

  reload(): void {
    if (this.#path) void this.load(this.#path, true);
  }

  async #read(path: string, before: T[]): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const page = await get<Page<T>>(path, abort.signal);
      this.items = [...before, ...page.items];
      this.next = page.next;
      this.problem = null;
      this.known = true;
    } catch (error) {
      if (abort.signal.aborted) return;
      this.problem = error;
    }
    if (this.#abort === abort) this.busy = false;
  }
}
