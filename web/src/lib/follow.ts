// SPDX-License-Identifier: Apache-2.0
// Reads again what is shown when something of its kind has happened, after a moment: events come in
// bursts. Also when somebody comes back to the page: not every reader is told of every kind. Returns
// how to stop.

import { live, RESUMED } from './live.svelte';

const WAIT_MS = 400;

export function follow(kind: string, again: () => void): () => void {
  let wait: ReturnType<typeof setTimeout> | undefined;
  const stop = live.listen((event) => {
    if (!event.kind.startsWith(kind) && event.kind !== RESUMED) return;
    clearTimeout(wait);
    wait = setTimeout(again, WAIT_MS);
  });
  const back = (): void => {
    if (document.visibilityState === 'visible') again();
  };
  document.addEventListener('visibilitychange', back);
  return () => {
    stop();
    document.removeEventListener('visibilitychange', back);
    clearTimeout(wait);
  };
}
