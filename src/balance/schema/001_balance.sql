-- SPDX-License-Identifier: Apache-2.0
-- Accounts of goods: exemption lists, temporary goods, contracts for processing and export production,
-- bonded stock, pairs of on-the-spot export and import. Quantities are millionths of the line's unit.

-- declaration: by which it was opened, 0 for what a trader registered. valid_to of temporary and bonded
-- goods is the day until which they must leave. watch: the day after which somebody must be told that
-- something is left (2147483647: nobody). chain is a hash over all movements, one after the other.
CREATE TABLE balance_accounts (
    id TEXT PRIMARY KEY,
    kind BIGINT NOT NULL,
    number TEXT NOT NULL,
    holder TEXT NOT NULL,
    agent TEXT NOT NULL,
    office TEXT NOT NULL,
    state BIGINT NOT NULL,
    declaration BIGINT NOT NULL,
    opened_by TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    partner TEXT NOT NULL,
    title TEXT NOT NULL,
    legal_ground TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    first_valid_to BIGINT NOT NULL,
    term TEXT NOT NULL,
    stay BIGINT NOT NULL,
    stay_unit BIGINT NOT NULL,
    extensions BIGINT NOT NULL,
    overdue BIGINT NOT NULL,
    watch BIGINT NOT NULL,
    line_count BIGINT NOT NULL,
    open_lines BIGINT NOT NULL,
    movements BIGINT NOT NULL,
    chain BLOB NOT NULL,
    amendment TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    words TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    created_by TEXT NOT NULL
);
CREATE UNIQUE INDEX balance_account_number ON balance_accounts (kind, number, holder);
CREATE INDEX balance_account_holder ON balance_accounts (holder, id);
CREATE INDEX balance_account_declaration ON balance_accounts (declaration);
CREATE INDEX balance_account_watch ON balance_accounts (watch);

-- planned: what a contract foresees, -1 for none. opened - drawn is left, never negative; expected was
-- declared and is not cleared yet. norms packs what one unit of a product takes of each material.
CREATE TABLE balance_lines (
    account TEXT NOT NULL,
    line BIGINT NOT NULL,
    role BIGINT NOT NULL,
    code TEXT NOT NULL,
    hs TEXT NOT NULL,
    description TEXT NOT NULL,
    unit TEXT NOT NULL,
    planned BIGINT NOT NULL,
    opened BIGINT NOT NULL,
    expected BIGINT NOT NULL,
    drawn BIGINT NOT NULL,
    restored BIGINT NOT NULL,
    norms BLOB NOT NULL,
    PRIMARY KEY (account, line)
);

-- Only ever inserted. The figures of a line are the sums of its movements.
CREATE TABLE balance_movements (
    account TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    cause BIGINT NOT NULL,
    line BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    declaration BIGINT NOT NULL,
    declaration_line BIGINT NOT NULL,
    product BIGINT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (account, number)
);
CREATE INDEX balance_movement_declaration ON balance_movements (declaration);

-- Numbers given to lists that traders register.
CREATE TABLE balance_numbers (
    name TEXT PRIMARY KEY,
    next BIGINT NOT NULL
);
