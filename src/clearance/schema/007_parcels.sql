-- SPDX-License-Identifier: Apache-2.0
-- Parcels of the low-value flow that were registered together: their numbers follow each other from
-- first_id. One event tells of them; `hashes` are those of their rows as they were then (32 bytes each,
-- in order), `prints` eight bytes of a hash of each one's reference. Rows are only ever inserted.
CREATE TABLE declaration_parcels (
    first_id BIGINT PRIMARY KEY,
    count BIGINT NOT NULL,
    at BIGINT NOT NULL,
    filer TEXT NOT NULL,
    prints BLOB NOT NULL,
    hashes BLOB NOT NULL
);
