CREATE TABLE IF NOT EXISTS secret (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- An office or unit that is NULL means all of them.
CREATE TABLE IF NOT EXISTS code (
    mac      BLOB PRIMARY KEY,          -- HMAC of the code; the code itself is kept nowhere
    role     TEXT NOT NULL,
    person   TEXT,
    office   TEXT,
    unit     TEXT,
    made_at  INTEGER NOT NULL,
    ends_at  INTEGER NOT NULL,
    used_at  INTEGER,
    used_by  BLOB
) STRICT;

CREATE TABLE IF NOT EXISTS device (
    id          BLOB PRIMARY KEY,
    public_key  BLOB NOT NULL,
    name        TEXT NOT NULL,
    role        TEXT NOT NULL,
    person      TEXT NOT NULL,
    office      TEXT,
    unit        TEXT,
    enrolled_at INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT;
