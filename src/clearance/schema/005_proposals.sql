-- SPDX-License-Identifier: Apache-2.0
-- What waits for a head, or waited: where the proposal of an id is found. The proposal itself is in the
-- life of its declaration; both are written in one transaction. Ids grow with time.
CREATE TABLE declaration_proposal (
    id TEXT NOT NULL PRIMARY KEY,
    declaration BIGINT NOT NULL,
    verb TEXT NOT NULL,
    state TEXT NOT NULL,
    office TEXT NOT NULL,
    goods_office TEXT NOT NULL
);
CREATE INDEX declaration_proposal_state ON declaration_proposal (state, id);
