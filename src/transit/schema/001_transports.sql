-- SPDX-License-Identifier: Apache-2.0
-- One row a transport under bond. `id` are the 11 leading digits of its number; `body` is what was declared,
-- `steps` what happened, a JSON array, oldest first.
CREATE TABLE transport (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    status BIGINT NOT NULL,
    office_from TEXT NOT NULL,
    office_to TEXT NOT NULL,
    trader TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    overdue BIGINT NOT NULL,
    body TEXT NOT NULL,
    steps TEXT NOT NULL
);
-- On the road: few among many.
CREATE INDEX transport_due ON transport (due_at, id) WHERE status = 3;
CREATE INDEX transport_trader ON transport (trader, id);
CREATE INDEX transport_from ON transport (office_from, id);
CREATE INDEX transport_to ON transport (office_to, id);
