// SPDX-License-Identifier: Apache-2.0
// "Đồng Đăng" and "dong dang" are one word to whoever searches. đ has no decomposition, so by hand.

export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[đĐ]/g, 'd')
    .toLowerCase();
}

/** Every word of the query begins a word of the text, or the text as a whole begins with the query. */
export function matches(folded: string, query: string): boolean {
  const words = fold(query).split(/\s+/).filter(Boolean);
  return words.every((w) => folded.startsWith(w) || folded.includes(' ' + w) || (w.length > 2 && folded.includes(w)));
}
