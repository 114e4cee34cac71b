-- SPDX-License-Identifier: Apache-2.0
-- Files of many declarations. Ids sort by time; done_at 0: not all of it is filed yet. The result is
-- JSON, one element a declaration.
CREATE TABLE upload (
    id BLOB NOT NULL PRIMARY KEY,
    caller TEXT NOT NULL,
    tax_code TEXT NOT NULL,
    key TEXT NOT NULL,
    hash BLOB NOT NULL,
    mode BIGINT NOT NULL,
    is_sheet BIGINT NOT NULL,
    at BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    items BIGINT NOT NULL,
    filed BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    result BLOB NOT NULL
);
CREATE UNIQUE INDEX upload_key ON upload (caller, key);
CREATE INDEX upload_tax_code ON upload (tax_code, id);

-- Which declaration a row of the file became, written with the declaration.
CREATE TABLE upload_row (
    upload BLOB NOT NULL,
    row BIGINT NOT NULL,
    declaration BIGINT NOT NULL,
    PRIMARY KEY (upload, row)
) /* WITHOUT ROWID */;
