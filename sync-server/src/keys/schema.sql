-- Keys that programs read with. An office that is NULL means all of them.
CREATE TABLE IF NOT EXISTS access_key (
    hash       BLOB PRIMARY KEY,        -- SHA-256 of the key; the key itself is kept nowhere
    id         TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    office     TEXT,
    made_at    INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
