-- SPDX-License-Identifier: Apache-2.0
-- A content is kept once; its bytes lie in parts of 256 KiB.
CREATE TABLE files_content (
    id BLOB NOT NULL PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    size BIGINT NOT NULL
) /* WITHOUT ROWID */;

CREATE TABLE files_part (
    content BLOB NOT NULL,
    part BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (content, part)
);

-- Somebody sent a content. Never changed.
CREATE TABLE files_attachment (
    id BLOB NOT NULL PRIMARY KEY,
    content BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    type TEXT NOT NULL,
    size BIGINT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    tax_code TEXT NOT NULL,
    at BIGINT NOT NULL
) /* WITHOUT ROWID */;

-- What a file belongs to, and whose that is.
CREATE TABLE files_link (
    subject TEXT NOT NULL,
    seq BIGINT NOT NULL,
    attachment BLOB NOT NULL,
    office TEXT NOT NULL,
    goods_office TEXT NOT NULL,
    trader TEXT NOT NULL,
    agent TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (subject, seq)
) /* WITHOUT ROWID */;
CREATE INDEX files_link_attachment ON files_link (attachment);
