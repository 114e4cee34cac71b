-- SPDX-License-Identifier: Apache-2.0
-- A recipient is "user/..." or "tax/<code>/<role>". Ids sort by time.
CREATE TABLE notice_item (
    id BLOB NOT NULL PRIMARY KEY,
    recipient TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    vi TEXT NOT NULL,
    en TEXT NOT NULL,
    at BIGINT NOT NULL
) /* WITHOUT ROWID */;
CREATE INDEX notice_item_recipient ON notice_item (recipient, id);

CREATE TABLE notice_read (
    reader TEXT NOT NULL,
    notice BLOB NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (reader, notice)
) /* WITHOUT ROWID */;

-- state: 0 active, 1 parked, 2 ended. `due`: not called before.
CREATE TABLE notice_webhook (
    id BLOB NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    tax_code TEXT NOT NULL,
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    secret BLOB NOT NULL,
    state BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    due BIGINT NOT NULL,
    error TEXT NOT NULL,
    delivered BIGINT NOT NULL,
    parked_at BIGINT NOT NULL,
    at BIGINT NOT NULL
) /* WITHOUT ROWID */;

-- What waits to be delivered: the event lies in the journal.
CREATE TABLE notice_delivery (
    webhook BLOB NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (webhook, position)
) /* WITHOUT ROWID */;
