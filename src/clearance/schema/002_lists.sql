-- SPDX-License-Identifier: Apache-2.0
-- What a follower keeps so that declarations are found: nothing here is truth, all of it can be rebuilt
-- from the journal and the declarations. `seq` counts declarations in the order of their first event.
CREATE TABLE declaration_entry (
    seq BIGINT PRIMARY KEY,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    status BIGINT NOT NULL,
    channel BIGINT NOT NULL,
    kind TEXT NOT NULL,
    office TEXT NOT NULL,
    goods_office TEXT NOT NULL,
    trader TEXT NOT NULL,
    officer TEXT NOT NULL,
    reference TEXT NOT NULL
);
CREATE UNIQUE INDEX declaration_entry_id ON declaration_entry (id);
CREATE INDEX declaration_entry_office ON declaration_entry (office, seq);
CREATE INDEX declaration_entry_goods ON declaration_entry (goods_office, seq) WHERE goods_office <> '';
CREATE INDEX declaration_entry_officer ON declaration_entry (officer, seq) WHERE officer <> '';
-- Under check: few among many.
CREATE INDEX declaration_entry_work ON declaration_entry (office, seq) WHERE status IN (3, 4);

-- Offices that have declarations.
CREATE TABLE declaration_entry_office_seen (
    office TEXT NOT NULL PRIMARY KEY
);

-- Inverted index in blocks of 1024 entries: which entries of a block have a word. The words of a block,
-- in order, are packed into pages of some 3 kB named by their first word (index.h). Written once when
-- the block is full, at the end of the table, so that its cost does not grow with what is stored.
CREATE TABLE declaration_term (
    block BIGINT NOT NULL,
    first_term TEXT NOT NULL,
    page BLOB NOT NULL,
    PRIMARY KEY (block, first_term)
) /* WITHOUT ROWID */;

-- Words that came to an entry after its block was written: a pre-registration was replaced.
CREATE TABLE declaration_term_late (
    block BIGINT NOT NULL,
    term TEXT NOT NULL,
    entry BIGINT NOT NULL,
    PRIMARY KEY (block, term, entry)
) /* WITHOUT ROWID */;
