// SPDX-License-Identifier: Apache-2.0
// Files of many declarations: shapes, and the key under which a file is sent, kept until its result is
// there, so that the same file sent again after a broken connection files nothing twice.

import type { Finding } from './types';

export type Mode = 'dry_run' | 'preregister' | 'register';
export type UploadFinding = Finding & { cell: string | null };
export type UploadRow = {
  row: number; reference: string | null; number: string | null; status: string | null; channel: 'GREEN' | 'YELLOW' | 'RED' | null; total_payable: number | null;
  errors: UploadFinding[]; findings: UploadFinding[];
};
export type UploadHead = {
  id: string | null; state: 'RUNNING' | 'DONE' | 'INTERRUPTED'; mode: Mode; format: 'xlsx' | 'ndjson'; at: string; done_at: string | null;
  declarations: number; done: number; filed: number; refused: number;
};
export type Upload = UploadHead & { rows: UploadRow[] };

const PREFIX = 'haiquan.upload.';
const name = (file: File, mode: Mode): string => `${PREFIX}${file.name}|${file.size}|${file.lastModified}|${mode}`;

export function keyOf(file: File, mode: Mode): string {
  const key = localStorage.getItem(name(file, mode)) ?? crypto.randomUUID();
  localStorage.setItem(name(file, mode), key);
  return key;
}
export function forgetKey(file: File, mode: Mode): void {
  localStorage.removeItem(name(file, mode));
}
