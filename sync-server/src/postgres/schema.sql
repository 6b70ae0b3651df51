-- What devices write is keyed by office first, so that one office's rows stand together wherever tables are spread
-- over several machines, and one transaction never needs two of them. What the office decides is small and everywhere.

CREATE SEQUENCE IF NOT EXISTS place;

-- Places in the log, given out in the order in which their transactions are numbered: where everything numbered below
-- some transaction has ended, nothing can still come in below that transaction's places. The lock is held for the
-- length of this function, not of the transaction.
CREATE OR REPLACE FUNCTION take_places(wanted bigint, OUT xid bigint, OUT first bigint)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_lock(7018467001);
    xid := pg_current_xact_id()::text::bigint;
    first := nextval('loket.place');
    IF wanted > 1 THEN
        PERFORM setval('loket.place', first + wanted - 1);
    END IF;
    PERFORM pg_advisory_unlock(7018467001);
END
$$;

-- One row: which log this is, and which life of it. Places up to `settled` were written in a cluster that counted
-- transactions otherwise.
CREATE TABLE IF NOT EXISTS life (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    format   bigint NOT NULL,
    id       bytea NOT NULL,
    epoch    bytea NOT NULL,
    cluster  text NOT NULL,
    timeline text NOT NULL,
    started  text NOT NULL,
    settled  bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS record (
    office  text NOT NULL,
    id      bytea NOT NULL,
    round   text NOT NULL,
    genesis bytea NOT NULL,
    author  bytea NOT NULL,
    max_op  bigint NOT NULL,
    changes bigint NOT NULL,
    PRIMARY KEY (office, id)
);
CREATE INDEX IF NOT EXISTS record_by_id ON record (id);

-- `number` is the place of the first change that was stored under it.
CREATE TABLE IF NOT EXISTS attestation (
    office      text NOT NULL,
    number      bigint NOT NULL,
    device      bytea NOT NULL,
    epoch       bytea NOT NULL,
    time        bigint NOT NULL,
    signature   bytea NOT NULL,
    hashes      bytea NOT NULL,
    received_at bigint NOT NULL,
    PRIMARY KEY (office, number)
);

CREATE TABLE IF NOT EXISTS change (
    office        text NOT NULL,
    seq           bigint NOT NULL,
    xid           bigint NOT NULL,
    hash          bytea NOT NULL,
    round         text NOT NULL,
    stream_count  bigint NOT NULL,
    stream_digest bytea NOT NULL,
    record        bytea NOT NULL,
    actor         bytea NOT NULL,
    sequence      bigint NOT NULL,
    attestation   bigint NOT NULL,
    received_at   bigint NOT NULL,
    bytes         bytea NOT NULL,
    PRIMARY KEY (office, seq)
);
CREATE UNIQUE INDEX IF NOT EXISTS change_by_hash ON change (office, hash);
CREATE UNIQUE INDEX IF NOT EXISTS change_by_actor ON change (office, record, actor, sequence);
CREATE INDEX IF NOT EXISTS change_by_stream ON change (office, round, seq);
CREATE INDEX IF NOT EXISTS change_by_seq ON change (seq);

CREATE TABLE IF NOT EXISTS secret (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE IF NOT EXISTS code (
    mac     bytea PRIMARY KEY,
    role    text NOT NULL,
    person  text,
    office  text,
    unit    text,
    made_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    used_at bigint,
    used_by bytea
);

CREATE TABLE IF NOT EXISTS device (
    id          bytea PRIMARY KEY,
    public_key  bytea NOT NULL,
    name        text NOT NULL,
    role        text NOT NULL,
    person      text NOT NULL,
    office      text,
    unit        text,
    enrolled_at bigint NOT NULL,
    revoked_at  bigint
);

CREATE TABLE IF NOT EXISTS unit (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    government text NOT NULL,
    province   text NOT NULL,
    kind       text NOT NULL,
    office     text NOT NULL
);

CREATE TABLE IF NOT EXISTS round (
    id        text PRIMARY KEY,
    opened_at bigint NOT NULL
);

-- Rounds in which offices assess themselves.
CREATE TABLE IF NOT EXISTS own_round (
    id text PRIMARY KEY REFERENCES round
);

CREATE TABLE IF NOT EXISTS instrument (
    hash         bytea PRIMARY KEY,
    number       bigint NOT NULL,
    form_id      text NOT NULL,
    title        text NOT NULL,
    version      text NOT NULL,
    json         bytea NOT NULL,
    published_at bigint NOT NULL
);

-- Up to which change of a record a coordinator found it in order; by the command line, no device.
CREATE TABLE IF NOT EXISTS approval (
    record      bytea PRIMARY KEY,
    upto        bigint NOT NULL,
    device      bytea,
    approved_at bigint NOT NULL
);

-- What was really published, apart from what is computed here.
CREATE TABLE IF NOT EXISTS published (
    year   integer NOT NULL,
    level  text NOT NULL,
    entity text NOT NULL,
    parent text NOT NULL,
    score  text NOT NULL,
    said   text NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (year, entity, parent)
);

CREATE TABLE IF NOT EXISTS photo (
    hash        bytea NOT NULL,
    record      bytea NOT NULL,
    office      text NOT NULL,
    device      bytea NOT NULL,
    length      bigint NOT NULL,
    received_at bigint NOT NULL,
    PRIMARY KEY (hash, record)
);

-- `token` is of the order: one that was carried out is not carried out again.
CREATE TABLE IF NOT EXISTS release (
    number    bigint PRIMARY KEY,
    token     bytea NOT NULL UNIQUE,
    round     text NOT NULL,
    made_at   bigint NOT NULL,
    manifest  bytea NOT NULL,
    signature bytea NOT NULL,
    key       bytea NOT NULL
);

-- Files of releases, in parts, each part compressed.
CREATE TABLE IF NOT EXISTS release_part (
    hash  bytea NOT NULL,
    part  bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (hash, part)
);

-- Keys that programs read with, by SHA-256 of the key. An office that is NULL means all of them.
CREATE TABLE IF NOT EXISTS access_key (
    hash       bytea PRIMARY KEY,
    id         text NOT NULL UNIQUE,
    name       text NOT NULL,
    office     text,
    made_at    bigint NOT NULL,
    ends_at    bigint NOT NULL,
    revoked_at bigint
);

-- One row where the log is closed: it was moved, or a copy into it has not ended. Who makes the copy names the token.
CREATE TABLE IF NOT EXISTS closed (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    token text NOT NULL,
    moved boolean NOT NULL,
    why   text NOT NULL
);

-- Stands on every table while the log is closed, whoever was connected before.
CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found loket.closed%ROWTYPE;
BEGIN
    SELECT * INTO found FROM loket.closed;
    IF found.token IS NULL OR found.token IS DISTINCT FROM current_setting('loket.copying', true) THEN
        RAISE EXCEPTION '%', coalesce(found.why, 'this log is closed');
    END IF;
    RETURN NULL;
END
$$;
