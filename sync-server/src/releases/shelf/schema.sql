CREATE TABLE IF NOT EXISTS release (
    number    INTEGER PRIMARY KEY,
    token     BLOB NOT NULL UNIQUE,      -- of the order: one that was carried out is not carried out again
    round     TEXT NOT NULL,
    made_at   INTEGER NOT NULL,
    manifest  BLOB NOT NULL,
    signature BLOB NOT NULL,
    key       BLOB NOT NULL
) STRICT;

-- Files of releases, in parts, each part compressed.
CREATE TABLE IF NOT EXISTS release_part (
    hash  BLOB NOT NULL,
    part  INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (hash, part)
) STRICT;
