CREATE TABLE IF NOT EXISTS unit (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    government TEXT NOT NULL,
    province   TEXT NOT NULL,
    kind       TEXT NOT NULL,
    office     TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS round (
    id        TEXT PRIMARY KEY,
    opened_at INTEGER NOT NULL
) STRICT;

-- Rounds in which offices assess themselves.
CREATE TABLE IF NOT EXISTS own_round (
    id TEXT PRIMARY KEY REFERENCES round
) STRICT;

-- The instrument published last under a form id is the one in force; older ones stay for their records.
CREATE TABLE IF NOT EXISTS instrument (
    number       INTEGER PRIMARY KEY,
    hash         BLOB NOT NULL UNIQUE,
    form_id      TEXT NOT NULL,
    title        TEXT NOT NULL,
    version      TEXT NOT NULL,
    json         BLOB NOT NULL,
    published_at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS photo (
    hash        BLOB NOT NULL,
    record      BLOB NOT NULL,
    office      TEXT NOT NULL,
    device      BLOB NOT NULL,
    length      INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (hash, record)
) STRICT, WITHOUT ROWID;

-- Up to which change of a record a coordinator found it in order; by the command line, no device.
CREATE TABLE IF NOT EXISTS approval (
    record      BLOB PRIMARY KEY,
    upto        INTEGER NOT NULL,
    device      BLOB,
    approved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was really published, apart from what is computed here.
CREATE TABLE IF NOT EXISTS published (
    year   INTEGER NOT NULL,
    level  TEXT NOT NULL,
    entity TEXT NOT NULL,
    parent TEXT NOT NULL,
    score  TEXT NOT NULL,
    said   TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (year, entity, parent)
) STRICT, WITHOUT ROWID;
