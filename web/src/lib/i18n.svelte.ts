// SPDX-License-Identifier: Apache-2.0
// Texts in two languages. The Vietnamese catalogue names the keys; the English one must have each of
// them (the type below and a test hold them together). Components hold no text of their own.

import vi from '../messages/vi.json';
import en from '../messages/en.json';

export type Language = 'vi' | 'en';
export type Key = keyof typeof vi;
export type Args = Record<string, string | number>;
/** A text in both languages, as the server sends them. */
export type Both = { vi: string; en: string };

const catalogue: Record<Language, Record<Key, string>> = { vi, en };

class I18n {
  language = $state<Language>(localStorage.getItem('haiquan.language') === 'en' ? 'en' : 'vi');

  choose(language: Language): void {
    this.language = language;
    localStorage.setItem('haiquan.language', language);
    document.documentElement.lang = language;
  }
}

export const i18n = new I18n();

export function t(key: Key, args?: Args): string {
  let text = catalogue[i18n.language][key];
  for (const name in args) text = text.replaceAll(`{${name}}`, String(args[name]));
  return text;
}

/** A key made of parts, for codes that come from the server; the code itself when there is no text. */
export function tCode(family: string, code: string | null | undefined): string {
  if (!code) return '';
  return catalogue[i18n.language][`${family}.${code}` as Key] ?? code;
}

export function pick(both: Partial<Both> | null | undefined): string {
  if (!both) return '';
  return (i18n.language === 'vi' ? both.vi || both.en : both.en || both.vi) ?? '';
}
