-- SPDX-License-Identifier: Apache-2.0
-- What a trader deals in, to fill lines with: his own words and codes. price in millionths of the
-- currency, -1 for none. item_list counts them and the changes of a trader's list.
CREATE TABLE item (
    trader TEXT NOT NULL,
    code TEXT NOT NULL,
    description TEXT NOT NULL,
    hs TEXT NOT NULL,
    origin TEXT NOT NULL,
    unit TEXT NOT NULL,
    price BIGINT NOT NULL,
    currency TEXT NOT NULL,
    words TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (trader, code)
);
CREATE TABLE item_list (
    trader TEXT PRIMARY KEY,
    items BIGINT NOT NULL,
    version BIGINT NOT NULL
);
