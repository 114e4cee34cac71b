-- SPDX-License-Identifier: Apache-2.0
-- Versions of what decides a channel: a rule set and the random shares in force with it. Each change
-- of either is a new version; a version is never changed.
CREATE TABLE risk_versions (
    version BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    what TEXT NOT NULL,
    rules_of BIGINT NOT NULL,
    shares TEXT NOT NULL
);

-- A rule set as canonical CSV, once; versions name it by the version that brought it.
CREATE TABLE risk_rule_sets (
    version BIGINT PRIMARY KEY,
    rules BIGINT NOT NULL,
    csv TEXT NOT NULL
);
