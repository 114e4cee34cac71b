-- SPDX-License-Identifier: Apache-2.0
-- Small settings of the database itself.
CREATE TABLE store_setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) /* WITHOUT ROWID */;

-- The journal: rows are only ever inserted. `bytes` is what is hashed, the columns beside it are for
-- reading and must agree with it. The position is the place in the tree, counted from 1.
CREATE TABLE journal_event (
    position BIGINT PRIMARY KEY,
    id BLOB NOT NULL,
    at BIGINT NOT NULL,
    office TEXT NOT NULL,
    room TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    version BIGINT NOT NULL,
    actor TEXT NOT NULL,
    bytes BLOB NOT NULL
);
-- Timelines and the last event of a subject. Subjects lead with a number or a UUIDv7, so that new
-- ones come at the end of their noun.
CREATE INDEX journal_subject ON journal_event (subject);

-- Tiles of the tree: 256 hashes each. Level 0 holds leaves, level n + 1 the roots of the full tiles of
-- level n. Of level 0 the last tile is stored as far as the newest checkpoint reaches; of the others
-- only full ones are.
CREATE TABLE journal_tile (
    level BIGINT NOT NULL,
    place BIGINT NOT NULL,
    root BLOB NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, place)
);

-- Keys that sign; each signs the checkpoints from the number `first` on.
CREATE TABLE journal_key (
    first BIGINT PRIMARY KEY,
    public_key BLOB NOT NULL
);

CREATE TABLE journal_checkpoint (
    number BIGINT PRIMARY KEY,
    size BIGINT NOT NULL,
    root BLOB NOT NULL,
    at BIGINT NOT NULL,
    previous BLOB NOT NULL,
    signature BLOB NOT NULL
);

-- Answers of repeatable requests in order of arrival, so that nothing random is written; what finds
-- a key is an index in memory.
CREATE TABLE store_idempotency (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    key_hash BLOB NOT NULL,
    body BLOB NOT NULL,
    answer BLOB NOT NULL
);

CREATE TABLE store_follower (
    name TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    parked BIGINT NOT NULL,
    error TEXT NOT NULL
) /* WITHOUT ROWID */;
