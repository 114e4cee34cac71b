-- SPDX-License-Identifier: Apache-2.0
-- One table for the rows of all reference tables, each row in its canonical text form. An id is one
-- row for ever; each change of it is a further revision with the version that wrote it. The current
-- revision has known_to = 9223372036854775807.
CREATE TABLE reference_state (
    one BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    next_id BIGINT NOT NULL
);
INSERT INTO reference_state (one, version, next_id) VALUES (1, 0, 1);

CREATE TABLE reference_row (
    id BIGINT NOT NULL,
    known_from BIGINT NOT NULL,
    known_to BIGINT NOT NULL,
    tbl TEXT NOT NULL,
    row_key TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX reference_row_key ON reference_row (tbl, row_key, valid_from, id, known_from);

CREATE TABLE reference_import (
    version BIGINT PRIMARY KEY,
    tbl TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    added BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    closed BIGINT NOT NULL,
    unchanged BIGINT NOT NULL
);

-- Processes that serve, and the version each has loaded: an import waits for them.
CREATE TABLE reference_listener (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL
);
