// SPDX-License-Identifier: Apache-2.0
// Pages by path, state of a page in the query: the address says all. Links are ordinary <a href>.

export type Params = Record<string, string>;

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#follow(event));
  }

  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a[href]');
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    // What the server renders itself is left to the browser.
    if (url.origin !== location.origin || url.pathname.startsWith('/api/') || url.pathname.startsWith('/track')) return;
    if (url.hash && url.pathname === location.pathname) return;
    event.preventDefault();
    this.go(url.pathname + url.search);
  }

  go(url: string, replace = false): void {
    if (replace) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    const before = this.path;
    this.#read();
    if (before !== this.path) scrollTo(0, 0);
  }

  /** Changes query parameters of this page; empty values vanish from the address. */
  set(values: Record<string, string | null>, replace = true): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(values)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    const text = query.toString();
    this.go(this.path + (text ? '?' + text : ''), replace);
  }
}

export const router = new Router();

/** "/declarations/{number}" against a path; null when it is another. */
export function match(pattern: string, path: string): Params | null {
  const want = pattern.split('/');
  const have = path.replace(/\/+$/, '').split('/');
  if (want.length !== have.length) return null;
  const params: Params = {};
  for (let i = 0; i < want.length; i++) {
    const part = want[i] ?? '';
    const seen = have[i] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = decodeURIComponent(seen);
    else if (part !== seen) return null;
  }
  return params;
}
