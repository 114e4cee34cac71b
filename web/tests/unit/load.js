// SPDX-License-Identifier: Apache-2.0
// Plain TypeScript modules of the pages, run as they are: types are cut away, nothing else.

import fs from 'node:fs';
import ts from 'typescript';

export const source = (path) => new URL(`../../src/${path}`, import.meta.url);

export async function load(path) {
  const text = fs.readFileSync(source(path), 'utf8');
  const { outputText } = ts.transpileModule(text, { compilerOptions: { target: 'ES2022', module: 'ESNext' } });
  return import('data:text/javascript;base64,' + Buffer.from(outputText).toString('base64'));
}
