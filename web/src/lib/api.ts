// SPDX-License-Identifier: Apache-2.0
// The one place that talks to the server: cookie session with its CSRF header, idempotency keys kept
// over retries, problem+json turned into one exception, the state of the connection.

import { i18n, pick, t, tCode, type Both } from './i18n.svelte';
import type { Finding, Page } from './types';
import { connection } from './connection.svelte';

/** An answer of the server that is not what was hoped for. status 0: no answer came. */
export class Problem extends Error {
  status: number;
  code: string;
  both: Partial<Both>;
  traceId: string;
  errors: Finding[];
  members: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    const text = (body.text ?? body.detail) as Both | string | undefined;
    const both: Partial<Both> = typeof text === 'object' ? text : {};
    super(typeof text === 'string' ? text : (both.en ?? String(body.title ?? '')));
    this.status = status;
    this.code = String(body.code ?? '');
    this.both = both;
    this.traceId = String(body.trace_id ?? '');
    this.errors = (body.errors as Finding[] | undefined) ?? [];
    this.members = body;
  }

  /** The sentence to show, in the language of the reader. */
  get sentence(): string {
    if (this.status === 0) return t('problem.offline');
    return pick(this.both) || this.message || tCode('problem', String(this.status)) || t('problem.unknown');
  }
}

let csrf = '';
/** When the server last answered a call of ours: from then on the idle time of the session counts. */
export let answeredAt = Date.now();
let onSignedOut: () => void = () => undefined;

export function useCsrf(token: string): void {
  csrf = token;
}
export function whenSignedOut(fn: () => void): void {
  onSignedOut = fn;
}

type Options = { body?: unknown; text?: string; blob?: Blob; type?: string; key?: string; etag?: string; signal?: AbortSignal; expect401?: boolean };
export type Answer<T> = { status: number; data: T; etag: string | null };

export async function call<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': i18n.language };
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  if (options.key) headers['Idempotency-Key'] = options.key;
  if (options.etag) headers['If-Match'] = options.etag;
  let body: string | Blob | undefined;
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(options.body);
  } else if (options.text !== undefined) {
    headers['Content-Type'] = options.type ?? 'text/plain';
    body = options.text;
  }
  if (options.blob !== undefined) {
    headers['Content-Type'] = options.blob.type || 'application/octet-stream';
    body = options.blob;
  }
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body, signal: options.signal, credentials: 'same-origin' });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    connection.lost();
    throw new Problem(0, {});
  }
  connection.seen();
  answeredAt = Date.now();
  const type = response.headers.get('Content-Type') ?? '';
  const data: unknown = type.includes('json') && response.status !== 204 ? await response.json() : await response.text();
  if (!response.ok) {
    if (response.status === 401 && !options.expect401) onSignedOut();
    throw new Problem(response.status, typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {});
  }
  return { status: response.status, data: data as T, etag: response.headers.get('ETag') };
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await call<T>('GET', path, { signal })).data;

/** Keys of creating calls whose fate is not known: the same call again carries the same key. */
const unanswered = new Map<string, string>();

export async function create<T>(path: string, body: unknown = {}, method = 'POST'): Promise<Answer<T>> {
  const call_ = `${method} ${path}\n${JSON.stringify(body)}`;
  const key = unanswered.get(call_) ?? crypto.randomUUID();
  unanswered.set(call_, key);
  try {
    const answer = await call<T>(method, path, { body, key });
    unanswered.delete(call_);
    return answer;
  } catch (error) {
    // 4xx is an answer; no answer, 429 and 5xx leave the fate open.
    if (error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429) unanswered.delete(call_);
    throw error;
  }
}

/** Sends a file; what it is the server reads from its bytes. */
export async function sendFile(file: File): Promise<{ id: string; name: string; type: string; size: number }> {
  const name = `POST file ${file.name} ${file.size} ${file.lastModified}`;
  const key = unanswered.get(name) ?? crypto.randomUUID();
  unanswered.set(name, key);
  try {
    const answer = await call<{ id: string; name: string; type: string; size: number }>('POST', '/api/v1/attachments' + query({ name: file.name }), { blob: file, key });
    unanswered.delete(name);
    return answer.data;
  } catch (error) {
    if (error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429) unanswered.delete(name);
    throw error;
  }
}

/** Sends lines and reads the lines of the answer as they come. */
export async function lines(path: string, blob: Blob, type: string, online: (line: string) => void): Promise<void> {
  const headers: Record<string, string> = { 'Content-Type': type, 'Accept-Language': i18n.language };
  if (csrf) headers['X-CSRF-Token'] = csrf;
  const response = await fetch(path, { method: 'POST', headers, body: blob, credentials: 'same-origin' }).catch(() => {
    connection.lost();
    throw new Problem(0, {});
  });
  connection.seen();
  answeredAt = Date.now();
  if (!response.ok || !response.body) {
    if (response.status === 401) onSignedOut();
    throw new Problem(response.status, (await response.json().catch(() => ({}))) as Record<string, unknown>);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Problem(0, {});
    });
    const parts = (rest + (value ?? '')).split('\n');
    rest = done ? '' : (parts.pop() ?? '');
    for (const part of parts) if (part.trim() !== '') online(part);
    if (done) return;
  }
}

/** All pages of a short list (reference tables). */
export async function all<T>(path: string): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const at: string = cursor ? `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` : path;
    const page: Page<T> = await get<Page<T>>(at);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

export function query(values: Record<string, string | number | null | undefined>): string {
  const q = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') q.set(name, String(value));
  }
  const text = q.toString();
  return text ? '?' + text : '';
}
