// SPDX-License-Identifier: Apache-2.0
// Who is signed in. The cookie is the server's and out of reach; the CSRF token comes in each answer.

import { answeredAt, call, useCsrf, whenSignedOut, Problem } from './api';
import { live } from './live.svelte';
import { router } from './router.svelte';
import type { Role } from './types';

export type Me = {
  id: string; name: string; username?: string; role: Role; office?: string | null; tax_code?: string | null;
  bank?: string | null; csrf: string; totp?: boolean; deeds?: string[];
  /** What heads have given him. */
  delegated?: { deed: string; act: string | null; office?: string | null; from: string; until: string }[]; expires_at?: string; idle_expires_at?: string;
};
export type Persona = { id: string; name: string; role: Role; office?: string | null; tax_code?: string | null; bank?: string | null };

class Session {
  me = $state.raw<Me | null>(null);
  /** The first question to the server has been answered. */
  known = $state(false);
  demo = $state(false);
  personas = $state.raw<Persona[]>([]);
  /** Time without a call after which the server ends the session. */
  #idleMs = 0;
  /** The session ended by itself: `me` is who it was. The page stays as it is, out of sight, until
   *  the same person is back; whatever was typed is still there then. */
  ended = $state(false);
  /** Counts the returns after an interruption. */
  returned = $state(0);
  #tabs = new BroadcastChannel('haiquan.session');

  constructor() {
    whenSignedOut(() => {
      if (!this.me) return;
      this.ended = true;
      useCsrf('');
      live.stop();
    });
    // The cookie is that of all tabs: when one signs out or becomes somebody else, the others follow.
    this.#tabs.onmessage = (message: MessageEvent<string>) => {
      if (message.data === (this.ended ? '' : (this.me?.id ?? ''))) return;
      if (message.data === '') this.#leave();
      else this.#ask().catch(() => this.#leave());
    };
  }

  get signedIn(): boolean {
    return this.me !== null && !this.ended;
  }

  async start(): Promise<void> {
    await Promise.allSettled([
      this.#ask(),
      call<{ items: Persona[] }>('GET', '/api/v1/demo/personas', { expect401: true }).then((answer) => {
        this.demo = true;
        this.personas = answer.data.items;
      }),
    ]);
    this.known = true;
  }

  async #ask(): Promise<void> {
    this.#enter((await call<Me>('GET', '/api/v1/session', { expect401: true })).data, 'found');
  }

  /** What else the server wants: the second factor, or a password of one's own. */
  async signIn(username: string, password: string, code: string, newPassword: string): Promise<'done' | 'code' | 'change'> {
    try {
      const body: Record<string, string> = { username, password };
      if (code) body.code = code;
      if (newPassword) body.new_password = newPassword;
      const answer = await call<Me>('POST', '/api/v1/session', { body, expect401: true });
      this.#enter(answer.data);
      return 'done';
    } catch (error) {
      if (error instanceof Problem && error.code === 'TOTP_REQUIRED') return 'code';
      if (error instanceof Problem && error.code === 'PASSWORD_CHANGE_REQUIRED') return 'change';
      throw error;
    }
  }

  async become(persona: string): Promise<void> {
    const answer = await call<Me>('POST', '/api/v1/demo/sign-in', { body: { persona }, expect401: true });
    this.#enter(answer.data);
  }

  async signOut(): Promise<void> {
    try {
      await call('DELETE', '/api/v1/session', { expect401: true });
    } finally {
      this.#leave();
      this.#tabs.postMessage('');
      router.go('/');
    }
  }

  #enter(me: Me, how: 'signed in' | 'found' | 'stayed' = 'signed in'): void {
    useCsrf(me.csrf);
    const idle = Date.parse(me.idle_expires_at ?? '') - Date.now();
    this.#idleMs = idle > 60_000 && idle < 3 * 3600_000 ? idle : 15 * 60_000;
    if (this.ended) this.returned += 1;
    this.me = me;
    this.ended = false;
    if (how === 'stayed') return;
    live.stop();
    live.start();
    if (how === 'signed in') this.#tabs.postMessage(me.id);
  }

  #leave(): void {
    this.ended = false;
    this.me = null;
    useCsrf('');
    live.stop();
  }

  /** Until the session ends for want of use. */
  idleLeft(now: number): number {
    return this.signedIn ? answeredAt + this.#idleMs - now : Infinity;
  }

  /** Any call keeps it. */
  async stay(): Promise<void> {
    this.#enter((await call<Me>('GET', '/api/v1/session')).data, 'stayed');
  }

  is(...roles: Role[]): boolean {
    return this.me !== null && roles.includes(this.me.role);
  }
}

export const session = new Session();

export const CUSTOMS: Role[] = ['officer', 'team_leader', 'branch_head', 'department_head', 'headquarters', 'supervisor', 'risk_analyst', 'inspectorate', 'auditor'];
