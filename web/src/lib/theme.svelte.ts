// SPDX-License-Identifier: Apache-2.0
export type Theme = 'system' | 'light' | 'dark';

class Themes {
  choice = $state<Theme>(read());
  #system = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    this.#system.addEventListener('change', () => this.apply());
    this.apply();
  }

  choose(theme: Theme): void {
    this.choice = theme;
    localStorage.setItem('haiquan.theme', theme);
    this.apply();
  }

  apply(): void {
    const dark = this.choice === 'dark' || (this.choice === 'system' && this.#system.matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }
}

function read(): Theme {
  const kept = localStorage.getItem('haiquan.theme');
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export const themes = new Themes();
