-- SPDX-License-Identifier: Apache-2.0
-- Times in which the engine could not be used: legal clocks stand still. Found by the program itself from
-- its last beat, or declared. `moved` is 1 when every clock that ran has been moved.
CREATE TABLE outage (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    engine BIGINT NOT NULL,
    reason_vi TEXT NOT NULL,
    reason_en TEXT NOT NULL,
    declared_by TEXT NOT NULL,
    ended_by TEXT NOT NULL,
    moved BIGINT NOT NULL
);

-- When the program was last known to serve.
CREATE TABLE engine_beat (
    one BIGINT PRIMARY KEY,
    at BIGINT NOT NULL
);
