// SPDX-License-Identifier: Apache-2.0
// Numbers as people write and read them: 1.234.567,89 on the screen, "1234567.89" on the wire. No
// value ever passes through a floating-point number; decimals are text or scaled BigInt.

/** What somebody typed or pasted -> plain decimal text of the contract; null when it is no number.
 *  Both separators are understood: where both occur the last one is the decimal sign; a lone comma is
 *  the decimal sign; dots group when they group by three ("1.234" is a thousand, "6150.000000" is not). */
export function parseNumber(text: string): string | null {
  let s = text.replace(/[\s\u00a0\u200b-\u200f\u202a-\u202f\u2060\ufeff']/g, '').replace(/\u2212/g, '-');
  if (s === '') return '';
  const sign = s.startsWith('-') ? '-' : '';
  if (sign) s = s.slice(1);
  const comma = s.lastIndexOf(',');
  const dot = s.lastIndexOf('.');
  if (comma >= 0 && dot >= 0) {
    const decimal = comma > dot ? ',' : '.';
    const group = decimal === ',' ? '.' : ',';
    if (s.indexOf(decimal) !== s.lastIndexOf(decimal)) return null;
    const [whole = '', part = ''] = s.split(decimal);
    if (!groupsByThree(whole, group)) return null;
    s = whole.split(group).join('') + '.' + part;
  } else if (comma >= 0) {
    if (s.indexOf(',') !== comma) {
      if (!groupsByThree(s, ',')) return null;
      s = s.split(',').join('');
    } else {
      s = s.replace(',', '.');
    }
  } else if (dot >= 0 && groupsByThree(s, '.') && !s.startsWith('0')) {
    s = s.split('.').join('');
  }
  if (!/^(\d+\.?\d*|\.\d+)$/.test(s)) return null;
  const [whole = '', part = ''] = s.split('.');
  const plain = whole.replace(/^0+(?=\d)/, '') || '0';
  return sign + plain + (part === '' ? '' : '.' + part);
}

function groupsByThree(text: string, sign: string): boolean {
  const parts = text.split(sign);
  if (parts.length === 1) return true;
  return /^\d{1,3}$/.test(parts[0] ?? '') && parts.slice(1).every((p) => /^\d{3}$/.test(p));
}

/** "1234567.8900" -> "1.234.567,8900": digits are kept as they are. */
export function showDecimal(plain: string | number | null | undefined): string {
  if (plain === null || plain === undefined || plain === '') return '';
  const text = String(plain);
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return text;
  const whole = (match[2] ?? '').replace(/\B(?=(\d{3})+$)/g, '.');
  return (match[1] ? '\u2212' : '') + whole + (match[3] ? ',' + match[3] : '');
}

/** The same without zeros at the end: rates, quantities in running text. */
export function showShort(plain: string | number | null | undefined): string {
  if (plain === null || plain === undefined) return '';
  const text = String(plain);
  return showDecimal(text.includes('.') ? text.replace(/\.?0+$/, '') : text);
}

/** What stands in the box while one edits it: decimal comma, no grouping. */
export function editDecimal(plain: string): string {
  return plain.replace('.', ',');
}

/** Exact a x b with at most `places` decimals, half up, zeros at the end cut; null when one is no number. */
export function multiply(a: string, b: string, places: number): string | null {
  const x = scaled(a);
  const y = scaled(b);
  if (!x || !y) return null;
  let value = x.value * y.value;
  let scale = x.scale + y.scale;
  if (scale > places) {
    const cut = 10n ** BigInt(scale - places);
    value = (value * 2n + cut) / (cut * 2n);
    scale = places;
  }
  const digits = value.toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const part = scale === 0 ? '' : digits.slice(digits.length - scale).replace(/0+$/, '');
  return whole + (part ? '.' + part : '');
}

/** Exact sum; texts that are no numbers count as nothing. */
export function sum(values: string[]): string {
  const parts = values.map(scaled).filter((v) => v !== null);
  const scale = Math.max(0, ...parts.map((p) => p.scale));
  const total = parts.reduce((all, p) => all + p.value * 10n ** BigInt(scale - p.scale), 0n);
  const digits = total.toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const part = scale === 0 ? '' : digits.slice(digits.length - scale).replace(/0+$/, '');
  return whole + (part ? '.' + part : '');
}

function scaled(text: string): { value: bigint; scale: number } | null {
  if (!/^\d+(\.\d*)?$/.test(text)) return null;
  const [whole = '', part = ''] = text.split('.');
  return { value: BigInt(whole + part), scale: part.length };
}

/** Size of a file, for people. */
export function showSize(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} kB` : `${showDecimal((bytes / 1024 / 1024).toFixed(1))} MB`;
}
