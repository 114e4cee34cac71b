// SPDX-License-Identifier: Apache-2.0
// What a trader deals in, to fill lines of declarations with.

import { get, query } from './api';
import { choice, type Choice } from './reference.svelte';
import type { Page } from './types';

export type Goods = { code: string; description: string; hs: string | null; origin: string | null; unit: string | null; price: string | null; currency: string | null; version: number; changed_at: string };

/** What was found last, by code. */
const found = new Map<string, Goods>();

export async function searchItems(words: string, signal: AbortSignal): Promise<Choice[]> {
  const page = await get<Page<Goods>>('/api/v1/items' + query({ q: words.trim(), limit: 20 }), signal);
  return page.items.map((one) => {
    found.set(one.code, one);
    return choice(one.code, one.description, one.description, one.hs ?? '');
  });
}

/** Boxes of a line that an item fills. The price only where the invoice is in its currency. */
export function fills(code: string, currency: string): Record<string, string> {
  const one = found.get(code);
  if (!one) return {};
  const boxes = { hs: one.hs, description: one.description, origin: one.origin, 'quantity/unit': one.unit, unit_price: one.currency === null || one.currency === currency ? one.price : null };
  return Object.fromEntries(Object.entries(boxes).filter((entry): entry is [string, string] => entry[1] !== null));
}
