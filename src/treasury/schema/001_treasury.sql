-- SPDX-License-Identifier: Apache-2.0
-- First form of the ledger. A debt row holds all taxes of one declaration; postings and credit entries
-- are the movements behind its figures and are only ever inserted.

-- `entries` packs one entry a tax (and one for its late interest): kind, tax, day up to which interest
-- is counted, owed, paid, cancelled. The three sums beside it must agree with it.
CREATE TABLE treasury_debts (
    declaration BIGINT PRIMARY KEY,
    office TEXT NOT NULL,
    tax_code TEXT NOT NULL,
    payer_tax_code TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    term TEXT NOT NULL,
    due BIGINT NOT NULL,
    interest_from BIGINT NOT NULL,
    owed_vnd BIGINT NOT NULL,
    paid_vnd BIGINT NOT NULL,
    cancelled_vnd BIGINT NOT NULL,
    entries BLOB NOT NULL
);

-- What made a debt's paid figure: PAID by a payment, RETURNED to the payer's credit (negative), OFFSET
-- out of credit. number = version of the debt after it * 1024 + place.
CREATE TABLE treasury_postings (
    declaration BIGINT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    cause TEXT NOT NULL,
    kind BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    amount_vnd BIGINT NOT NULL,
    payer_tax_code TEXT NOT NULL,
    bank TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (declaration, number)
) /* WITHOUT ROWID */;

-- Once per (bank, reference), with what the bank sent and what it was answered.
CREATE TABLE treasury_payments (
    bank TEXT NOT NULL,
    reference TEXT NOT NULL,
    posted_at BIGINT NOT NULL,
    debited_at BIGINT NOT NULL,
    payer_tax_code TEXT NOT NULL,
    amount_vnd BIGINT NOT NULL,
    applied_vnd BIGINT NOT NULL,
    credited_vnd BIGINT NOT NULL,
    lines BLOB NOT NULL,
    answer TEXT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (bank, reference)
);

-- Money that belongs to a payer and pays no debt yet; the sum of its entries.
CREATE TABLE treasury_credits (
    tax_code TEXT PRIMARY KEY,
    balance_vnd BIGINT NOT NULL,
    version BIGINT NOT NULL
) /* WITHOUT ROWID */;
CREATE TABLE treasury_credit_entries (
    tax_code TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    cause TEXT NOT NULL,
    amount_vnd BIGINT NOT NULL,
    declaration BIGINT NOT NULL,
    bank TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (tax_code, number)
) /* WITHOUT ROWID */;

-- declaration: 0 when the first that uses an individual guarantee names it; named: the bank did.
CREATE TABLE treasury_guarantees (
    id TEXT PRIMARY KEY,
    bank TEXT NOT NULL,
    number TEXT NOT NULL,
    general BIGINT NOT NULL,
    tax_code TEXT NOT NULL,
    declaration BIGINT NOT NULL,
    named BIGINT NOT NULL,
    limit_vnd BIGINT NOT NULL,
    reserved_vnd BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    first_valid_to BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    version BIGINT NOT NULL,
    registered_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX treasury_guarantee_number ON treasury_guarantees (bank, number);
CREATE UNIQUE INDEX treasury_guarantee_trader ON treasury_guarantees (tax_code, number);

-- What a declaration holds of a guarantee now; 0 when released or restored.
CREATE TABLE treasury_reservations (
    declaration BIGINT PRIMARY KEY,
    guarantee TEXT NOT NULL,
    held_vnd BIGINT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL
);

-- Kept by the follower treasury.debtors: which declarations have open debts, by who owes and who pays
-- for him. block is declaration / 8192: new rows land in a few pages however many debts there are.
CREATE TABLE treasury_debtors (
    block BIGINT NOT NULL,
    tax_code TEXT NOT NULL,
    declaration BIGINT NOT NULL,
    PRIMARY KEY (block, tax_code, declaration)
) /* WITHOUT ROWID */;
