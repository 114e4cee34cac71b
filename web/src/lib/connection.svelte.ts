// SPDX-License-Identifier: Apache-2.0
// Is the server within reach? Learned from every call, from the live events and from the browser.

class Connection {
  online = $state(navigator.onLine);
  /** Counts the returns: what had failed meanwhile is tried again. */
  returned = $state(0);
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    addEventListener('offline', () => this.lost());
    addEventListener('online', () => void this.#ask());
  }

  seen(): void {
    if (!this.online) this.returned += 1;
    this.online = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  lost(): void {
    this.online = false;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#ask();
    }, 3000);
  }

  async #ask(): Promise<void> {
    try {
      await fetch('/livez', { cache: 'no-store' });
      this.seen();
    } catch {
      this.lost();
    }
  }
}

export const connection = new Connection();
