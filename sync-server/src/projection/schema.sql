-- Everything here follows from the log; the file may be deleted while the server is stopped.
CREATE TABLE IF NOT EXISTS progress (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    epoch BLOB NOT NULL,
    upto  INTEGER NOT NULL,
    hash  BLOB                          -- of the change at upto: tells another log of the same epoch
) STRICT;

CREATE TABLE IF NOT EXISTS record (
    id           BLOB PRIMARY KEY,
    kind         TEXT NOT NULL,
    office       TEXT NOT NULL,
    round        TEXT NOT NULL,
    unit         TEXT NOT NULL,
    instrument   BLOB NOT NULL,
    closed_at    INTEGER,               -- the device's claim, Unix seconds
    withdrawn_at INTEGER,
    edited_at    INTEGER,               -- the writing device's claim
    last_seq     INTEGER NOT NULL,
    unsound      INTEGER NOT NULL       -- answers that do not hold
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS record_by_unit ON record (round, unit, kind);

CREATE INDEX IF NOT EXISTS record_by_change ON record (round, last_seq, unit);

-- What a record says towards scores, as JSON (survey::scoring::evidence).
CREATE TABLE IF NOT EXISTS evidence (
    record BLOB PRIMARY KEY REFERENCES record,
    said   TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS clash (
    record BLOB NOT NULL REFERENCES record,
    key    TEXT NOT NULL,                -- where in the record, as JSON
    value  TEXT NOT NULL,
    device BLOB,
    time   INTEGER NOT NULL,            -- the device's claim, Unix seconds
    PRIMARY KEY (record, key, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS set_aside (
    seq    INTEGER PRIMARY KEY,
    hash   BLOB NOT NULL UNIQUE,
    record BLOB NOT NULL,
    device BLOB NOT NULL,
    reason TEXT NOT NULL
) STRICT;
