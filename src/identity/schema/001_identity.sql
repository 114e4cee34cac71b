-- SPDX-License-Identifier: Apache-2.0
-- Counts every change that processes must load; `changed` of a row is the count that wrote it.
CREATE TABLE identity_state (
    one BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO identity_state (one, version) VALUES (1, 0);

-- The password itself is nowhere: pw_hash is a hash of one half of what argon2id made of it; the other
-- half seals the TOTP secret, so that a stolen table makes no codes. must_change: 0, or until when a
-- one-time password is good.
CREATE TABLE identity_user (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    office TEXT NOT NULL,
    tax_code TEXT NOT NULL,
    bank TEXT NOT NULL,
    on_roster BIGINT NOT NULL,
    pw_ops BIGINT NOT NULL,
    pw_mem BIGINT NOT NULL,
    pw_salt BLOB NOT NULL,
    pw_hash BLOB NOT NULL,
    must_change BIGINT NOT NULL,
    totp_sealed BLOB NOT NULL,
    totp_on BIGINT NOT NULL,
    totp_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    disabled_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    changed BIGINT NOT NULL
);
CREATE INDEX identity_user_changed ON identity_user (changed);

CREATE TABLE identity_recovery (
    user_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, hash)
);

-- person: who had the key made, so that nobody is his own second pair of eyes.
CREATE TABLE identity_key (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    office TEXT NOT NULL,
    tax_code TEXT NOT NULL,
    bank TEXT NOT NULL,
    on_roster BIGINT NOT NULL,
    person TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    revoked_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    changed BIGINT NOT NULL
);
CREATE INDEX identity_key_changed ON identity_key (changed);

CREATE TABLE identity_session (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    peer TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    changed BIGINT NOT NULL
);
CREATE INDEX identity_session_user ON identity_session (user_id, created_at);
CREATE INDEX identity_session_changed ON identity_session (changed);
CREATE INDEX identity_session_expires ON identity_session (expires_at);

CREATE TABLE identity_approval (
    id TEXT PRIMARY KEY,
    deed TEXT NOT NULL,
    subject TEXT NOT NULL,
    body BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    roles BIGINT NOT NULL,
    office TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_person TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_approval_open ON identity_approval (deed, subject, body_hash)
    WHERE state = 'OPEN';
CREATE INDEX identity_approval_due ON identity_approval (state, expires_at);

CREATE TABLE identity_delegation (
    id TEXT PRIMARY KEY,
    head_id TEXT NOT NULL,
    to_id TEXT NOT NULL,
    act TEXT NOT NULL,
    office TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    changed BIGINT NOT NULL
);
CREATE INDEX identity_delegation_changed ON identity_delegation (changed);
