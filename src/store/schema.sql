-- The store's tables, version 1. States are the words of store/rows.h. Times: _s wall seconds since 1970, _ms milliseconds.
-- A later version is a further script in store_schema.c; this file stays as it is.

-- Small settings that survive a restart: "root_id", "epoch", "paused".
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,             -- word
    value TEXT NOT NULL                 -- text; its reader knows the shape
) WITHOUT ROWID;

-- A drop: one accepted entry of the inbox.
CREATE TABLE drops (
    id           INTEGER PRIMARY KEY,   -- grows with time: newest first is by id
    name         TEXT NOT NULL UNIQUE,  -- drop-id, the folder's name under taken/
    entry        TEXT NOT NULL,         -- the inbox entry's name, bytes as given
    kind         TEXT,                  -- word of the order's kind
    title        TEXT,                  -- for people
    subject      TEXT,                  -- what the order is about (a video id, an episode)
    tree         TEXT,                  -- folder below out/ that its files stand in
    digest       TEXT,                  -- content identity of the order
    rules_digest TEXT,                  -- of the rules it was planned with
    meta         TEXT,                  -- compact JSON: what the taking has to move, notes
    state        TEXT NOT NULL,         -- taking running ended cancelled
    created_s    INTEGER NOT NULL,      -- when it was accepted
    ended_s      INTEGER NOT NULL,      -- 0 while it runs
    priority     INTEGER NOT NULL,      -- higher first
    paused       INTEGER NOT NULL       -- 1: nothing of it is started
);
CREATE INDEX drops_by_entry ON drops (entry);
CREATE INDEX drops_by_digest ON drops (digest);
CREATE INDEX drops_open ON drops (state, id) WHERE state IN ('taking', 'running');

-- A job of a drop. The columns that change stand first, so that reading them touches no overflow page.
CREATE TABLE jobs (
    id           INTEGER PRIMARY KEY,
    drop_id      INTEGER NOT NULL REFERENCES drops (id),
    seq          INTEGER NOT NULL,      -- position in the plan, from 0
    state        TEXT NOT NULL,         -- waiting ready running held made done kept failed skipped cancelled needs_person
    missing_n    INTEGER NOT NULL,      -- inputs from other jobs that have not ended
    attempts     INTEGER NOT NULL,      -- begun so far
    attempts_max INTEGER NOT NULL,      -- allowed
    strikes      INTEGER NOT NULL,      -- times the process died while it ran
    next_at_s    INTEGER NOT NULL,      -- not before; 0 at once
    started_s    INTEGER NOT NULL,      -- 0 not yet
    completed_s  INTEGER NOT NULL,      -- 0 not yet
    duration_ms  INTEGER NOT NULL,      -- of the last attempt
    seconds      INTEGER NOT NULL,      -- expected duration
    preview      INTEGER NOT NULL,      -- 1: stands in for a better engine's result
    price        REAL NOT NULL,         -- of one attempt, US dollars
    cost         REAL NOT NULL,         -- spent so far, US dollars
    hash         TEXT NOT NULL,         -- request hash, '' when it has none
    engine       TEXT,                  -- provider that does it
    key          TEXT NOT NULL,         -- name within the plan
    op           TEXT,                  -- operation
    model        TEXT,                  -- of the engine
    why_engine   TEXT,                  -- sentence: why this engine
    title        TEXT,                  -- for people
    error        TEXT,                  -- last sentence, NULL none
    memo         TEXT,                  -- compact JSON: where a conversation with a provider stands
    params       TEXT,                  -- compact JSON: settings of the operation
    prompt       TEXT,                  -- filled in
    negative     TEXT,                  -- filled in
    prompt_path  TEXT,                  -- where the prompt is kept, below out/
    ins          TEXT,                  -- compact JSON list: inputs
    outs         TEXT,                  -- compact JSON list: expected files
    meta         TEXT,                  -- compact JSON object: facts for records
    UNIQUE (drop_id, seq)
);
CREATE INDEX jobs_by_key ON jobs (drop_id, key);
-- What may be started, readable without the table; and what a restart has to look at. Both stay small however long the history.
CREATE INDEX jobs_startable ON jobs (drop_id, seq, engine, next_at_s, state) WHERE state IN ('ready', 'held');
CREATE INDEX jobs_unsettled ON jobs (state, id) WHERE state IN ('running', 'made', 'failed', 'needs_person');

-- to_job waits for from_job.
CREATE TABLE edges (
    from_job INTEGER NOT NULL REFERENCES jobs (id),
    to_job   INTEGER NOT NULL REFERENCES jobs (id),
    soft     INTEGER NOT NULL,          -- 1: to_job also goes on when from_job fails
    PRIMARY KEY (from_job, to_job)
) WITHOUT ROWID;
CREATE INDEX edges_by_to ON edges (to_job, from_job, soft);

-- How many jobs of a drop stand in each state, kept with every change; drop_id 0 is the sum over all drops that are not ended.
CREATE TABLE tallies (
    drop_id INTEGER NOT NULL,           -- a drop, or 0
    state   TEXT NOT NULL,              -- of jobs
    n       INTEGER NOT NULL,           -- jobs
    cost    REAL NOT NULL,              -- their cost, US dollars
    price   REAL NOT NULL,              -- their price, US dollars
    PRIMARY KEY (drop_id, state)
) WITHOUT ROWID;

-- A delivered file; every row is a version of its slot.
CREATE TABLE assets (
    id      INTEGER PRIMARY KEY,
    job_id  INTEGER NOT NULL REFERENCES jobs (id),
    drop_id INTEGER NOT NULL REFERENCES drops (id),
    role    TEXT,                       -- of the file among its job's
    slot    TEXT NOT NULL,              -- what the file is, across versions and drops
    path    TEXT NOT NULL,              -- below out/
    sha256  TEXT NOT NULL,              -- of the bytes, '' unknown
    media   TEXT,                       -- word of the format
    bytes   INTEGER NOT NULL,           -- size
    width   INTEGER NOT NULL,           -- pixels, 0 unknown
    height  INTEGER NOT NULL,           -- pixels, 0 unknown
    version INTEGER NOT NULL,           -- from 1, within the slot
    current INTEGER NOT NULL,           -- 1: the accepted one of its slot
    hash    TEXT NOT NULL,              -- request hash of the job that made it
    at_s    INTEGER NOT NULL,           -- made
    UNIQUE (slot, version)
);
CREATE INDEX assets_by_job ON assets (job_id);
CREATE UNIQUE INDEX assets_current ON assets (slot) WHERE current = 1;
CREATE INDEX assets_at ON assets (path) WHERE current = 1;

-- A kept job shows a file that an earlier drop made.
CREATE TABLE links (
    job_id   INTEGER NOT NULL REFERENCES jobs (id),
    asset_id INTEGER NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
    PRIMARY KEY (job_id, asset_id)
) WITHOUT ROWID;
CREATE INDEX links_by_asset ON links (asset_id);

-- A file about a drop (manifest, session log) that is written anew when its jobs move.
CREATE TABLE records (
    id      INTEGER PRIMARY KEY,
    drop_id INTEGER NOT NULL REFERENCES drops (id),
    path    TEXT,                       -- where it is written
    format  TEXT,                       -- word
    body    TEXT,                       -- template
    at_end  INTEGER NOT NULL            -- 1: only when the drop has ended
);
CREATE INDEX records_by_drop ON records (drop_id);

-- What happened, in order; the history that a person can be shown.
CREATE TABLE events (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    drop_id INTEGER NOT NULL,           -- 0: no drop
    job_id  INTEGER NOT NULL,           -- 0: no job
    at_s    INTEGER NOT NULL,           -- when
    what    TEXT NOT NULL,              -- word
    text    TEXT                        -- sentence
);
