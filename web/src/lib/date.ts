// SPDX-License-Identifier: Apache-2.0
// Days and times as they are read in Việt Nam: dd/mm/yyyy, the clock at +07:00 wherever the reader sits.

const OFFSET_MS = 7 * 3600 * 1000;

const two = (n: number): string => String(n).padStart(2, '0');

/** The legal day now. */
export function today(now: number = Date.now()): string {
  return new Date(now + OFFSET_MS).toISOString().slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day + 'T00:00:00Z') + days * 86400000).toISOString().slice(0, 10);
}

/** "2026-11-20" -> "20/11/2026". */
export function showDay(day: string | null | undefined): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(day ?? '');
  return match ? `${match[3]}/${match[2]}/${match[1]}` : '';
}

/** RFC 3339 -> "20/11/2026 09:05" at +07:00; with seconds when asked. */
export function showTime(time: string | null | undefined, seconds = false): string {
  const at = Date.parse(time ?? '');
  if (Number.isNaN(at)) return '';
  const d = new Date(at + OFFSET_MS);
  const clock = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}${seconds ? ':' + two(d.getUTCSeconds()) : ''}`;
  return `${showDay(d.toISOString())} ${clock}`;
}

/** What somebody typed -> "YYYY-MM-DD"; null when it is no day. 20/11/2026, 20-11-26, 20112026, 20/11
 *  (this year) and 2026-11-20 are understood. */
export function parseDay(text: string, now: string = today()): string | null {
  const s = text.replace(/[\u200b-\u200f\u202a-\u202f\u2060\ufeff]/g, '').trim();
  if (s === '') return '';
  let match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(s);
  if (match) return valid(Number(match[1]), Number(match[2]), Number(match[3]));
  match = /^(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{2}|\d{4}))?$/.exec(s) ?? /^(\d{2})(\d{2})(\d{2}|\d{4})?$/.exec(s);
  if (!match) return null;
  const given = match[3];
  const year = given === undefined ? Number(now.slice(0, 4)) : given.length === 2 ? 2000 + Number(given) : Number(given);
  return valid(year, Number(match[2]), Number(match[1]));
}

function valid(year: number, month: number, day: number): string | null {
  const d = new Date(Date.UTC(year, month - 1, day));
  if (d.getUTCFullYear() !== year || d.getUTCMonth() !== month - 1 || d.getUTCDate() !== day) return null;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** Parts of a span for "2 giờ 05 phút"; the words come from the catalogue. */
export function span(fromMs: number, toMs: number): { days: number; hours: number; minutes: number; seconds: number } {
  const s = Math.max(0, Math.floor((toMs - fromMs) / 1000));
  return { days: Math.floor(s / 86400), hours: Math.floor((s % 86400) / 3600), minutes: Math.floor((s % 3600) / 60), seconds: s % 60 };
}
