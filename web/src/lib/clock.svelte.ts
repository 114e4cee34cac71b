// SPDX-License-Identifier: Apache-2.0
// The time of day for everything that counts down, moved twice a minute.

class Clock {
  now = $state(Date.now());
  constructor() {
    setInterval(() => (this.now = Date.now()), 30_000);
  }
}
export const clock = new Clock();
