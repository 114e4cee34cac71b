// SPDX-License-Identifier: Apache-2.0
// Load for the tests that break the server: declarations and payments, with a note of what was
// acknowledged. Everything is repeatable by its Idempotency-Key, as an honest client would do it.
'use strict';
const crypto = require('node:crypto');
const { importOf } = require('../http/harness.js');

class Load {
  constructor(server) {
    this.server = server;
    this.declarant = server.key({ role: 'declarant', tax_code: '9900000016' });
    this.bank = server.key({ role: 'bank', bank: 'VDB' });
    this.acknowledged = new Map(); // key -> number
    this.unsure = new Map(); // key -> body
    this.paid = new Set();
    this.failures = new Map(); // status -> count
  }

  #failed(what) { this.failures.set(what, (this.failures.get(what) ?? 0) + 1); }

  async file(key = crypto.randomUUID(), body = JSON.stringify(importOf({ reference: key.slice(0, 20) }))) {
    let answer;
    try {
      answer = await this.server.post('/api/v1/declarations?mode=register', this.declarant, body, { idempotency: key, timeout: 20000 });
    } catch {
      this.unsure.set(key, body);
      return null;
    }
    if (answer.status !== 201) {
      this.#failed(answer.status);
      this.unsure.set(key, body);
      return null;
    }
    this.acknowledged.set(key, answer.json.number);
    this.unsure.delete(key);
    return answer.json;
  }

  async pay(record) {
    const lines = record.assessment.taxes.filter((tax) => tax.amount > 0)
      .map((tax) => ({ declaration: record.number, tax: tax.tax, amount: tax.amount }));
    const payment = { bank: 'VDB', reference: `P${record.number}`, debited_at: record.registered_at, payer_tax_code: '9900000016', lines };
    try {
      const answer = await this.server.post('/api/v1/payments', this.bank, payment, { timeout: 20000 });
      if (answer.status < 300) this.paid.add(record.number);
      else this.#failed(answer.status);
    } catch { /* unsure: looked at afterwards through the debts */ }
  }

  /** Senders that go on until `stopped` says so. */
  run(senders, stopped) {
    return Promise.all(Array.from({ length: senders }, async () => {
      while (!stopped()) {
        const record = await this.file();
        if (record && record.number.endsWith('0') && crypto.randomInt(3) === 0) await this.pay(record);
        if (!record) await new Promise((later) => setTimeout(later, 20));
      }
    }));
  }

  /** Every declaration of the database: number -> reference. */
  async all() {
    const found = new Map();
    let cursor = '';
    do {
      const page = await this.server.get(`/api/v1/declarations?limit=200${cursor}`, this.declarant);
      if (page.status !== 200) throw new Error(page.text);
      for (const item of page.json.items) found.set(item.number, item);
      cursor = page.json.next ? `&cursor=${encodeURIComponent(page.json.next)}` : '';
    } while (cursor);
    return found;
  }

  /** Sends again what was not answered: each must come out exactly once. */
  async repeat() {
    for (const [key, body] of [...this.unsure]) await this.file(key, body);
  }

  /** What is wrong, in words; empty when all holds. */
  async faults() {
    const faults = [];
    const found = await this.all();
    const references = new Map();
    for (const [number, item] of found) {
      if (references.has(item.reference)) faults.push(`${item.reference} is there twice: ${references.get(item.reference)} and ${number}`);
      references.set(item.reference, number);
    }
    for (const [key, number] of this.acknowledged) {
      if (references.get(key.slice(0, 20)) !== number) faults.push(`acknowledged ${number} is missing`);
    }
    for (const number of this.paid) {
      if (found.get(number)?.status !== 'CLEARED') faults.push(`${number} is paid and ${found.get(number)?.status}`);
    }
    return faults;
  }
}

module.exports = { Load };
