// SPDX-License-Identifier: Apache-2.0
// Who is signed in. The cookie is the server's and out of reach; the CSRF token comes in each answer.

import { answeredAt, call, useCsrf, whenSignedOut, Problem } from './api';
import { live } from './live.svelte';
import { router } from './router.svelte';
import type { Role } from './types';

export type Me = {
  id: string; name: string; username?: string; role: Role; office?: string | null; tax_code?: string | null;
  bank?: string | null; csrf: string; totp?: boolean; expires_at?: string; idle_expires_at?: string;
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
  /** A session that ended by itself: say so on the sign-in page. */
  ended = $state(false);

  constructor() {
    whenSignedOut(() => {
      if (this.me) this.ended = true;
      this.#leave();
    });
  }

  async start(): Promise<void> {
    const [mine] = await Promise.allSettled([
      call<Me>('GET', '/api/v1/session', { expect401: true }),
      call<{ items: Persona[] }>('GET', '/api/v1/demo/personas', { expect401: true }).then((answer) => {
        this.demo = true;
        this.personas = answer.data.items;
      }),
    ]);
    if (mine.status === 'fulfilled') this.#enter(mine.value.data);
    this.known = true;
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
      this.ended = false;
      this.#leave();
      router.go('/');
    }
  }

  #enter(me: Me, anew = true): void {
    useCsrf(me.csrf);
    const idle = Date.parse(me.idle_expires_at ?? '') - Date.now();
    this.#idleMs = idle > 60_000 && idle < 3 * 3600_000 ? idle : 15 * 60_000;
    this.me = me;
    this.ended = false;
    if (!anew) return;
    live.stop();
    live.start();
  }

  #leave(): void {
    this.me = null;
    useCsrf('');
    live.stop();
  }

  /** Until the session ends for want of use. */
  idleLeft(now: number): number {
    return this.me ? answeredAt + this.#idleMs - now : Infinity;
  }

  /** Any call keeps it. */
  async stay(): Promise<void> {
    this.#enter((await call<Me>('GET', '/api/v1/session')).data, false);
  }

  is(...roles: Role[]): boolean {
    return this.me !== null && roles.includes(this.me.role);
  }
}

export const session = new Session();

export const CUSTOMS: Role[] = ['officer', 'team_leader', 'branch_head', 'department_head', 'headquarters', 'supervisor', 'risk_analyst', 'inspectorate', 'auditor'];
