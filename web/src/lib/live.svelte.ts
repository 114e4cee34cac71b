// SPDX-License-Identifier: Apache-2.0
// Server-sent events: one stream for the whole page; whoever shows a record subscribes to its subject.
// The browser reconnects by itself and sends Last-Event-ID, so nothing is missed.

import { connection } from './connection.svelte';

export type Happened = { id: string; kind: string; subject: string; at?: string };
const WAIT_MS = 8000;
/** Kind of the event that says: read again. */
export const RESUMED = 'live.resumed';
type Listener = (event: Happened) => void;

class Live {
  open = $state(false);
  #source: EventSource | null = null;
  #doubt: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<Listener>();
  #before = false;

  start(): void {
    if (this.#source) return;
    const source = new EventSource('/api/v1/events');
    let fresh = true;
    source.onopen = () => {
      this.open = true;
      connection.seen();
      // A stream begun anew does not tell what happened since the last one: all that is shown is read again.
      if (this.#before && fresh) this.#all({ id: '', kind: RESUMED, subject: '' });
      this.#before = true;
      fresh = false;
    };
    source.onerror = () => {
      this.open = false;
      // The server ends a stream now and then, and the browser comes back by itself; only when it does
      // not the connection is in doubt. CLOSED: refused, so it is for us to come back.
      clearTimeout(this.#doubt);
      this.#doubt = setTimeout(() => {
        if (this.#source !== source || this.open) return;
        if (source.readyState === EventSource.CLOSED) {
          this.stop();
          this.start();
        } else {
          connection.lost();
        }
      }, WAIT_MS);
    };
    source.onmessage = (message) => this.#tell(message);
    this.#source = source;
  }

  stop(): void {
    clearTimeout(this.#doubt);
    this.#source?.close();
    this.#source = null;
    this.open = false;
  }

  listen(fn: Listener): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  #tell(message: MessageEvent<string>): void {
    connection.seen();
    let event: Happened;
    try {
      event = JSON.parse(message.data) as Happened;
    } catch {
      return;
    }
    this.#all({ ...event, id: message.lastEventId });
  }

  #all(event: Happened): void {
    for (const fn of this.#listeners) fn(event);
  }
}

export const live = new Live();
