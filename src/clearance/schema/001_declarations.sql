-- SPDX-License-Identifier: Apache-2.0
-- One row a declaration: hot columns first, the document and what was computed of it last. `id` are the
-- 11 leading digits of the number. Keys grow with time; everything that is found by another key is a
-- projection kept by a follower. The row's hash (row.c) covers all columns but `positions`.
CREATE TABLE declaration (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    status BIGINT NOT NULL,
    channel BIGINT NOT NULL,
    flow BIGINT NOT NULL,
    kind TEXT NOT NULL,
    office TEXT NOT NULL,
    goods_office TEXT NOT NULL,
    trader TEXT NOT NULL,
    agent TEXT NOT NULL,
    officer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    registered_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    customs_value BIGINT NOT NULL,
    payable BIGINT NOT NULL,
    content_version BIGINT NOT NULL,
    reference_version BIGINT NOT NULL,
    content_hash BLOB NOT NULL,
    positions BLOB NOT NULL,
    reference TEXT NOT NULL,
    life BLOB NOT NULL,
    decision BLOB NOT NULL,
    assessment BLOB NOT NULL,
    findings TEXT NOT NULL,
    words TEXT NOT NULL,
    body TEXT NOT NULL
);
-- Pre-registrations by the day they expire; a declaration registered at once never enters it.
CREATE INDEX declaration_expiry ON declaration (due_at, id) WHERE status = 0;

-- Contents that were replaced: what a declaration said in an earlier version.
CREATE TABLE declaration_content (
    id BIGINT NOT NULL,
    content_version BIGINT NOT NULL,
    assessment BLOB NOT NULL,
    findings TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, content_version)
);

-- Numbers are leased in blocks; those that no declaration got are recorded as void.
CREATE TABLE declaration_number_next (
    flow BIGINT PRIMARY KEY,
    next_id BIGINT NOT NULL
);
INSERT INTO declaration_number_next (flow, next_id) VALUES (0, 10000000001), (1, 30000000001);

CREATE TABLE declaration_number_block (
    first_id BIGINT PRIMARY KEY,
    last_id BIGINT NOT NULL,
    holder TEXT NOT NULL,
    alive_until BIGINT NOT NULL
);

CREATE TABLE declaration_number_void (
    first_id BIGINT PRIMARY KEY,
    last_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL
);
