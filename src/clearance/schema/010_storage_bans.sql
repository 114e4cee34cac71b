-- SPDX-License-Identifier: Apache-2.0
-- Who may not take goods into storage for a while: results came late, or goods were sold or swapped
-- without leave (Circular 38/2015 art. 32). Days are counted from 1970-01-01, the last one included.
CREATE TABLE declaration_storage_ban (
    trader TEXT NOT NULL,
    declaration BIGINT NOT NULL,
    ground TEXT NOT NULL,
    last_day BIGINT NOT NULL,
    PRIMARY KEY (trader, declaration, ground)
) /* WITHOUT ROWID */;
