// SPDX-License-Identifier: Apache-2.0
// Times in which the engine cannot be used: read for everybody, also before signing in, and again now
// and then, since whoever is signed out hears no events.

import { get } from './api';
import type { Both } from './i18n.svelte';
import type { Page } from './types';

export type Outage = { id: number; state: 'PLANNED' | 'LASTS' | 'ENDED' | 'OVER'; from: string; to: string | null; engine: boolean; reason: Both };
const AGAIN_MS = 60_000;

class Outages {
  items = $state.raw<Outage[]>([]);
  next = $state<string | null>(null);

  /** Those that last, and those that are told in advance. */
  get now(): Outage[] {
    return this.items.filter((one) => one.state === 'LASTS' || one.state === 'PLANNED');
  }

  async load(): Promise<void> {
    const page = await get<Page<Outage>>('/api/v1/outages?limit=50').catch(() => null);
    if (!page) return;
    this.items = page.items;
    this.next = page.next;
  }

  async more(): Promise<void> {
    const page = await get<Page<Outage>>(`/api/v1/outages?limit=50&cursor=${encodeURIComponent(this.next ?? '')}`);
    this.items = [...this.items, ...page.items];
    this.next = page.next;
  }

  /** Keeps them fresh while somebody looks. */
  watch(): () => void {
    void this.load();
    const timer = setInterval(() => document.visibilityState === 'visible' && void this.load(), AGAIN_MS);
    return () => clearInterval(timer);
  }
}

export const outages = new Outages();
