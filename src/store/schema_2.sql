-- Version 2: money, and the manual loop. Amounts are whole micro-dollars (_u), so that sums are exact.

-- What a person calls it: a shot's id, or the job's key. Found across drops, newest first.
ALTER TABLE jobs ADD COLUMN unit TEXT;
CREATE INDEX jobs_by_unit ON jobs (unit, id);
-- The same rows as before, asked for by comparisons: a longer list would be built anew with every change of a job.
DROP INDEX jobs_unsettled;
CREATE INDEX jobs_unsettled ON jobs (state, id) WHERE (state = 'running' OR state = 'made' OR state = 'failed' OR state = 'needs_person');
-- What else could make it, best first: compact JSON list of {engine, model, price, seconds, hash}.
ALTER TABLE jobs ADD COLUMN choices TEXT;
-- Which job is next is found without its row, by engine and model.
DROP INDEX jobs_startable;
CREATE INDEX jobs_startable ON jobs (drop_id, seq, engine, model, next_at_s, state) WHERE state IN ('ready', 'held');
-- What its engine told of how it was made: compact JSON, for the documents; NULL nothing.
ALTER TABLE jobs ADD COLUMN facts TEXT;

-- One paid request, from the intent to its settlement.
CREATE TABLE attempts (
    id         INTEGER PRIMARY KEY,
    job_id     INTEGER NOT NULL REFERENCES jobs (id),
    drop_id    INTEGER NOT NULL,
    engine     TEXT NOT NULL,
    model      TEXT,
    pod        TEXT,                    -- a stretch of this pod's time, bought for that job; NULL: the job itself
    handle     TEXT NOT NULL UNIQUE,    -- our own random name for it, 32 hex digits
    hash       TEXT NOT NULL,           -- request hash of the job
    state      TEXT NOT NULL,           -- submitting submitted doubt settled refunded
    remote     TEXT,                    -- the engine's name for it, NULL not known
    reserved_u INTEGER NOT NULL,        -- worst cost, held until it is settled
    settled_u  INTEGER NOT NULL,        -- what it cost; 0 until settled
    why        TEXT,                    -- sentence: how it ended, or why it is in doubt
    at_s       INTEGER NOT NULL,        -- intent
    settled_s  INTEGER NOT NULL         -- 0 not yet
);
CREATE INDEX attempts_by_time ON attempts (at_s);
CREATE INDEX attempts_by_job ON attempts (job_id, id);
-- The last guard of all: a job is never bought while what was bought for it before is open.
CREATE UNIQUE INDEX attempts_one_open ON attempts (job_id)
    WHERE pod IS NULL AND (state = 'submitting' OR state = 'submitted' OR state = 'doubt');
-- A list of three or more would be built anew with every change of a row; comparisons are not.
CREATE INDEX attempts_open ON attempts (state, id) WHERE (state = 'submitting' OR state = 'submitted' OR state = 'doubt');

-- Machines by the hour, a row a run. Times are wall clock.
CREATE TABLE pods (
    name       TEXT PRIMARY KEY,        -- our own
    engine     TEXT NOT NULL,
    remote     TEXT,                    -- the host's name for it, NULL not known
    state      TEXT NOT NULL,           -- starting running stopping gone
    attempt_id INTEGER NOT NULL,        -- what is set aside for the stretch that runs; 0 none
    job_id     INTEGER NOT NULL,        -- for whom
    drop_id    INTEGER NOT NULL,
    hour_u     INTEGER NOT NULL,        -- price of an hour
    since_s    INTEGER NOT NULL,        -- asked for
    began_s    INTEGER NOT NULL,        -- the stretch that is set aside
    until_s    INTEGER NOT NULL,
    charged_u  INTEGER NOT NULL,        -- of the stretches before it
    ended_s    INTEGER NOT NULL,        -- 0 not yet
    why        TEXT
) WITHOUT ROWID;

-- Every movement of money, in order; never changed. Each row carries the digest of the one before.
CREATE TABLE ledger (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    attempt_id INTEGER NOT NULL,
    drop_id    INTEGER NOT NULL,
    job_id     INTEGER NOT NULL,
    project    TEXT NOT NULL,           -- the drop's subject
    unit       TEXT NOT NULL,           -- the shot or job key
    engine     TEXT NOT NULL,
    model      TEXT,
    day        TEXT NOT NULL,           -- 2026-03-14, local
    at_s       INTEGER NOT NULL,
    what       TEXT NOT NULL,           -- reserve settle release
    amount_u   INTEGER NOT NULL,        -- reserve and release move the reservation, settle is what was charged
    why        TEXT,                    -- sentence
    previous   TEXT NOT NULL,           -- digest of the row before, '' for the first
    digest     TEXT NOT NULL            -- over this row's values and previous
);

-- Sums over the ledger, kept in the same transaction, so that a cap is one look.
CREATE TABLE purses (
    scope      TEXT NOT NULL,           -- all, day, engine, engine_day, drop, engine_drop
    name       TEXT NOT NULL,           -- "", "2026-03-14", "fal", "fal 2026-03-14", the drop's id
    reserved_u INTEGER NOT NULL,
    settled_u  INTEGER NOT NULL,
    PRIMARY KEY (scope, name)
) WITHOUT ROWID;

-- What was paid for is kept by what was asked: the same request is served again for nothing.
CREATE TABLE results (
    hash   TEXT NOT NULL,               -- request hash
    role   TEXT NOT NULL,               -- output role
    sha256 TEXT NOT NULL,               -- of the bytes, a file of that name under .slated/results
    media  TEXT,
    bytes  INTEGER NOT NULL,
    width  INTEGER NOT NULL,
    height INTEGER NOT NULL,
    at_s   INTEGER NOT NULL,
    PRIMARY KEY (hash, role)
) WITHOUT ROWID;

-- An engine that gets nothing more until a person or a date acts.
CREATE TABLE stops (
    engine  TEXT PRIMARY KEY,
    class   TEXT NOT NULL,              -- quota_exhausted, auth, ...
    why     TEXT NOT NULL,              -- sentence
    cure    TEXT,                       -- sentence
    at_s    INTEGER NOT NULL,
    until_s INTEGER NOT NULL            -- 0: a person
) WITHOUT ROWID;

-- An engine that is left alone: for a while, after faults in a row; or by one drop, after equal errors in a row.
CREATE TABLE rests (
    engine  TEXT NOT NULL,
    model   TEXT NOT NULL,              -- '' whatever its model
    drop_id INTEGER NOT NULL,           -- 0 whichever drop
    why     TEXT NOT NULL,              -- sentence: the last fault
    at_s    INTEGER NOT NULL,           -- since when
    until_s INTEGER NOT NULL,           -- one job is tried then; 0: a person
    pause_s INTEGER NOT NULL,           -- how long the rest is; the next one is twice as long
    PRIMARY KEY (engine, model, drop_id)
) WITHOUT ROWID;

-- A card that asks a person for a yes; its file lies in approve/.
CREATE TABLE cards (
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,              -- plan, doubt, redo, prompt
    subject TEXT NOT NULL,              -- what it is about, in the kind's own words: a drop's id, an attempt's handle
    file    TEXT NOT NULL,              -- its name under approve/
    state   TEXT NOT NULL,              -- asked yes no gone
    body    TEXT,                       -- compact JSON: what the answer needs to know
    at_s    INTEGER NOT NULL,
    UNIQUE (kind, subject)
);

-- A shot that needs a hand.
CREATE TABLE escalations (
    id         INTEGER PRIMARY KEY,
    drop_id    INTEGER NOT NULL,
    unit       TEXT NOT NULL,
    at_s       INTEGER NOT NULL,
    resolved_s INTEGER NOT NULL,        -- 0: open
    tag        TEXT,                    -- failure type, NULL not said
    model      TEXT,                    -- target that was asked for, NULL none
    note       TEXT,
    by         TEXT NOT NULL            -- command, inbox, dailies, engine
);
CREATE INDEX escalations_open ON escalations (unit, id) WHERE resolved_s = 0;

-- A bundle that went out for handwork.
CREATE TABLE bundles (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,    -- the folder's name under manual_export/
    drop_id    INTEGER NOT NULL,
    unit       TEXT NOT NULL,
    target     TEXT NOT NULL,           -- profile key: kling-v3
    token      TEXT NOT NULL UNIQUE,    -- in the metadata of what goes out; a return that carries it is this bundle's
    at_s       INTEGER NOT NULL,
    back_s     INTEGER NOT NULL,        -- 0: still out
    body       TEXT NOT NULL            -- compact JSON: the text of its bundle.json
);
CREATE INDEX bundles_by_unit ON bundles (unit, id);

-- Every file that went out, so that it is known when it comes back unchanged.
CREATE TABLE exported (
    sha256    TEXT NOT NULL,
    bundle_id INTEGER NOT NULL REFERENCES bundles (id),
    name      TEXT NOT NULL,            -- within the bundle
    PRIMARY KEY (sha256, bundle_id, name)
) WITHOUT ROWID;

-- A file that a person gave back.
CREATE TABLE returns (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,             -- as it was dropped, below return/ or manual_export/
    sha256   TEXT NOT NULL,
    bytes    INTEGER NOT NULL,
    state    TEXT NOT NULL,             -- placing clearing placed unchanged again asked refused noted
    drop_id  INTEGER NOT NULL,          -- 0 not known
    unit     TEXT,
    job_id   INTEGER NOT NULL,          -- 0 not known
    role     TEXT,                      -- output of the job that it replaces
    asset_id INTEGER NOT NULL,          -- the version it became, 0 none
    how      TEXT,                      -- evidence: folder token name order likeness answer
    tag      TEXT,                      -- failure type, NULL not said
    why      TEXT,                      -- sentence
    body     TEXT,                      -- compact JSON: what finishing it after a crash needs
    at_s     INTEGER NOT NULL
);
CREATE INDEX returns_by_sha ON returns (sha256);
CREATE INDEX returns_by_job ON returns (job_id, id);
CREATE INDEX returns_by_drop ON returns (drop_id);
CREATE INDEX returns_open ON returns (state, id) WHERE state IN ('placing', 'clearing', 'asked');

-- What was fixed by hand, and what a studio learns from.
CREATE TABLE fixes (
    id           INTEGER PRIMARY KEY,
    return_id    INTEGER NOT NULL,      -- 0: without a file (a redo, a changed model)
    drop_id      INTEGER NOT NULL,
    unit         TEXT NOT NULL,
    at_s         INTEGER NOT NULL,
    tag          TEXT,                  -- failure type, NULL not said yet
    fix          TEXT NOT NULL,         -- fix type
    model        TEXT,
    enriched     INTEGER NOT NULL,
    auto_tagged  INTEGER NOT NULL,
    note         TEXT,
    shot_type    TEXT,
    prompt_words INTEGER NOT NULL,
    minutes      INTEGER NOT NULL       -- from the escalation, or the export; 0 not known
);
CREATE INDEX fixes_by_unit ON fixes (unit, id);

-- What a person decided about a shot.
CREATE TABLE verdicts (
    id      INTEGER PRIMARY KEY,
    drop_id INTEGER NOT NULL,
    unit    TEXT NOT NULL,
    verdict TEXT NOT NULL,              -- needs_review approved retake manual
    by      TEXT NOT NULL,              -- folder, tag, command, engine
    shown   TEXT NOT NULL,              -- the folder its entry was last put into
    at_s    INTEGER NOT NULL,
    UNIQUE (drop_id, unit)
);

-- Every answer of a text model, good or not.
CREATE TABLE text_calls (
    id         INTEGER PRIMARY KEY,
    job_id     INTEGER NOT NULL REFERENCES jobs (id),
    drop_id    INTEGER NOT NULL,
    engine     TEXT NOT NULL,
    model      TEXT,
    tokens_in  INTEGER NOT NULL,        -- as the engine counts them; 0 not told
    tokens_out INTEGER NOT NULL,
    cost_u     INTEGER NOT NULL,
    ms         INTEGER NOT NULL,
    why        TEXT,                    -- what was wrong with the answer, NULL: it was used
    at_s       INTEGER NOT NULL
);

-- What a gate said of a picture or clip that an engine made; of those that passed, what they are told from others by.
CREATE TABLE gate_results (
    id      INTEGER PRIMARY KEY,
    drop_id INTEGER NOT NULL,
    job_id  INTEGER NOT NULL REFERENCES jobs (id),
    role    TEXT NOT NULL,              -- output of the job
    gate    INTEGER NOT NULL,           -- 1 on this machine, 2 a look by a model
    verdict TEXT NOT NULL,              -- pass fail review
    fault   TEXT,                       -- the check that failed, NULL none
    why     TEXT,                       -- sentence, NULL when it passed
    engine  TEXT NOT NULL,              -- that made it
    model   TEXT,
    sha256  TEXT NOT NULL,              -- of the file that was judged
    take    INTEGER NOT NULL,           -- the paid attempt that brought it; of free work which try it was
    kept    TEXT,                       -- below out/, where what was refused lies; NULL
    wish    TEXT,                       -- digest of the prompt it was made from, NULL none
    phash   TEXT,                       -- of its likeness, 16 hex digits; NULL of a clip
    grey    TEXT,                       -- a small square of its brightness, hex digits; NULL of a clip
    body    TEXT NOT NULL,              -- compact JSON: every check with what was measured
    at_s    INTEGER NOT NULL,
    UNIQUE (job_id, role, gate, sha256, take)
);
CREATE INDEX gate_results_alike ON gate_results (drop_id, gate, verdict, wish, phash, sha256, job_id);
CREATE INDEX gate_results_by_sha ON gate_results (sha256);

-- What people are to be told, a row for each message and notifier. Written before it is sent; one whose fate is not known after a crash is not sent again.
CREATE TABLE news (
    id        INTEGER PRIMARY KEY,
    notifier  TEXT NOT NULL,            -- file in rules/notify
    event     TEXT NOT NULL,
    key       TEXT NOT NULL,            -- event and what it is about: the same twice in a row is said once
    drop_id   INTEGER NOT NULL,         -- 0: none
    body      TEXT NOT NULL,            -- compact JSON: its values; names and counts
    state     TEXT NOT NULL,            -- waiting sending sent dropped
    why       TEXT,                     -- of dropped, or of the last failure
    tries     INTEGER NOT NULL,
    next_at_s INTEGER NOT NULL,         -- not before
    at_s      INTEGER NOT NULL,         -- when it happened
    sent_s    INTEGER NOT NULL          -- 0 not yet
);
CREATE INDEX news_open ON news (notifier, id) WHERE state IN ('waiting', 'sending');
CREATE INDEX news_sent ON news (notifier, sent_s) WHERE state = 'sent';

-- What was told already about a drop, a stop, a card or a thing that waits.
CREATE TABLE told (
    name TEXT PRIMARY KEY,
    n    INTEGER NOT NULL,
    at_s INTEGER NOT NULL
) WITHOUT ROWID;
