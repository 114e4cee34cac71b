-- SPDX-License-Identifier: Apache-2.0
-- Numbers of the second and further branches of a declaration of more than 50 lines. The record itself
-- is found by the first branch's number and names all of them (life, branches); this only leads there.
CREATE TABLE declaration_branch (
    id BIGINT PRIMARY KEY,
    first_id BIGINT NOT NULL
);
