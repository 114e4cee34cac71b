-- SPDX-License-Identifier: Apache-2.0
-- What falls due by itself in the life of a stopped declaration: `item` names what ("instruction/1",
-- "matter/2"). No truth of its own: each row follows from the declaration's life, in its transaction.
CREATE TABLE declaration_due (
    id BIGINT NOT NULL,
    item TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (id, item)
) /* WITHOUT ROWID */;
CREATE INDEX declaration_due_at ON declaration_due (due_at, id, item);
