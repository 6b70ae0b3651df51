CREATE TABLE IF NOT EXISTS log (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS stream (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE IF NOT EXISTS record (
    number  INTEGER PRIMARY KEY,
    id      BLOB NOT NULL UNIQUE,
    stream  INTEGER NOT NULL REFERENCES stream,
    genesis BLOB NOT NULL,
    author  BLOB NOT NULL,
    max_op  INTEGER NOT NULL,
    changes INTEGER NOT NULL            -- how many
) STRICT;

CREATE TABLE IF NOT EXISTS attestation (
    number      INTEGER PRIMARY KEY,
    device      BLOB NOT NULL,
    epoch       BLOB NOT NULL,
    time        INTEGER NOT NULL,
    signature   BLOB NOT NULL,
    hashes      BLOB NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;

-- stream_count and stream_digest run along with the stream, this change included. The bytes stand
-- last, so that look-ups of the others never read the pages that a long change spills into.
CREATE TABLE IF NOT EXISTS change (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    hash          BLOB NOT NULL UNIQUE,
    stream        INTEGER NOT NULL REFERENCES stream,
    stream_count  INTEGER NOT NULL,
    stream_digest BLOB NOT NULL,
    record        INTEGER NOT NULL REFERENCES record,
    actor         BLOB NOT NULL,
    sequence      INTEGER NOT NULL,
    attestation   INTEGER NOT NULL REFERENCES attestation,
    received_at   INTEGER NOT NULL,
    bytes         BLOB NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS change_by_stream ON change (stream, seq);
CREATE UNIQUE INDEX IF NOT EXISTS change_by_actor ON change (record, actor, sequence);
