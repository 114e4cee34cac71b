-- SPDX-License-Identifier: Apache-2.0
-- Matters that came of checks, one row each, for worklists: written in the transaction of the
-- declaration's life, which has them whole. `closed` 0: something is still to be done.
CREATE TABLE declaration_matter (
    seq BIGINT PRIMARY KEY,
    id BIGINT NOT NULL,
    matter BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    closed BIGINT NOT NULL,
    office TEXT NOT NULL,
    goods_office TEXT NOT NULL,
    trader TEXT NOT NULL,
    agent TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    overdue_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX declaration_matter_id ON declaration_matter (id, matter);
CREATE INDEX declaration_matter_open ON declaration_matter (seq) WHERE closed = 0;

-- Results of analyses, found again by trader, declared code and description while they may be reused.
CREATE TABLE declaration_analysis (
    seq BIGINT PRIMARY KEY,
    trader TEXT NOT NULL,
    hs TEXT NOT NULL,
    description TEXT NOT NULL,
    id BIGINT NOT NULL,
    matter BIGINT NOT NULL,
    line BIGINT NOT NULL,
    result_hs TEXT NOT NULL,
    result_description TEXT NOT NULL,
    document TEXT NOT NULL,
    at BIGINT NOT NULL,
    valid_to BIGINT NOT NULL
);
CREATE INDEX declaration_analysis_goods ON declaration_analysis (trader, hs, seq);
