// SPDX-License-Identifier: Apache-2.0
// What stands half typed in a form of a declaration, kept in this browser under the person, the
// declaration and the form; forgotten when it was sent, or after two weeks.

import { session } from './session.svelte';

export type Values = Record<string, unknown>;
type Stored = { saved: number; values: Values };
const PREFIX = 'haiquan.form.';
const KEPT_MS = 14 * 86_400_000;
let swept = false;

function read(name: string): Stored | null {
  try {
    const stored = JSON.parse(localStorage.getItem(name) ?? 'null') as Stored | null;
    return stored && typeof stored.saved === 'number' && typeof stored.values === 'object' ? stored : null;
  } catch {
    return null;
  }
}

function sweep(): void {
  if (swept) return;
  swept = true;
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX) && (read(name)?.saved ?? 0) < Date.now() - KEPT_MS) localStorage.removeItem(name);
  }
}

export class Kept {
  values = $state<Values>({});
  /** Something was found that had been left unfinished. */
  found: boolean;
  #name: string;
  #start: string;

  /** To be made while a component begins: it watches its values as long as the component lives. */
  constructor(name: string, start: Values) {
    sweep();
    this.#name = `${PREFIX}${session.me?.id ?? ''}/${name}`;
    this.#start = JSON.stringify(start);
    const stored = read(this.#name);
    this.found = stored !== null;
    this.values = { ...start, ...stored?.values };
    $effect(() => {
      const text = JSON.stringify(this.values);
      if (text === this.#start) localStorage.removeItem(this.#name);
      else this.#write(text);
    });
  }

  #write(values: string): void {
    try {
      localStorage.setItem(this.#name, `{"saved":${Date.now()},"values":${values}}`);
    } catch {
      // A full or closed browser keeps nothing; the form works all the same.
    }
  }

  /** Sent, or thrown away. */
  forget(): void {
    localStorage.removeItem(this.#name);
    this.#start = JSON.stringify(this.values);
  }
}
