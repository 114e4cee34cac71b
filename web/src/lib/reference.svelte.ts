// SPDX-License-Identifier: Apache-2.0
// Reference tables for suggestions and names, read once a session as they are valid today.

import { all, get } from './api';
import { fold } from './fold';
import { i18n } from './i18n.svelte';
import { today } from './date';

/** Something to choose: its code, its name in both languages, and both folded for search. */
export type Choice = { code: string; vi: string; en: string; folded: string; note?: string };
export type Table = 'offices' | 'kinds' | 'schemes' | 'countries' | 'currencies' | 'exemptions';
type Row = Record<string, string | number | boolean | null>;

const KEY: Record<Table, string> = { offices: 'office', kinds: 'kind', schemes: 'scheme', countries: 'country', currencies: 'currency', exemptions: 'code' };

class Reference {
  #tables = $state.raw<Partial<Record<Table, Choice[]>>>({});
  #rows: Partial<Record<Table, Row[]>> = {};
  #asked = new Set<Table>();

  /** The choices of a table; empty until they have come. */
  choices(table: Table): Choice[] {
    return this.#tables[table] ?? [];
  }

  rows(table: Table): Row[] {
    void this.#tables;
    return this.#rows[table] ?? [];
  }

  load(...tables: Table[]): void {
    for (const table of tables) {
      if (this.#asked.has(table)) continue;
      this.#asked.add(table);
      this.#fetch(table).catch(() => this.#asked.delete(table));
    }
  }

  name(table: Table, code: string | null | undefined): string {
    if (!code) return '';
    const row = this.choices(table).find((c) => c.code === code);
    return row ? row[i18n.language] : '';
  }

  async #fetch(table: Table): Promise<void> {
    const rows = await all<Row>(`/api/v1/reference/${table}?limit=500&at=${today()}`);
    const key = KEY[table];
    this.#rows[table] = rows;
    this.#tables = { ...this.#tables, [table]: rows.map((row) => choice(String(row[key]), String(row.name_vi ?? row.name ?? ''), String(row.name_en ?? row.name ?? ''))) };
  }
}

export function choice(code: string, vi: string, en: string, note?: string): Choice {
  return { code, vi, en, folded: ' ' + fold(`${code} ${vi} ${en}`), note };
}

export const reference = new Reference();

export type HsHit = { hs: string; name_vi: string; name_en: string; unit: string | null; unit2: string | null };

/** Goods by code or by words, with or without accents; the server searches. */
export async function searchHs(words: string, signal?: AbortSignal): Promise<HsHit[]> {
  const page = await get<{ items: HsHit[] }>(`/api/v1/reference/hs?limit=20&q=${encodeURIComponent(words)}`, signal);
  return page.items;
}
