-- SPDX-License-Identifier: Apache-2.0
-- Documents are stored packed (content.c has the form), with where their words are. Rows from before keep
-- `body` and `words` as text and nothing here; in new ones those two are empty.
ALTER TABLE declaration ADD COLUMN packed BLOB NOT NULL DEFAULT '';
ALTER TABLE declaration_content ADD COLUMN packed BLOB NOT NULL DEFAULT '';
