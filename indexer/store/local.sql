-- What does not follow from the chain: it outlives a reindex and is not in the digest.

CREATE TABLE IF NOT EXISTS meta (
  key   TEXT PRIMARY KEY,             -- schema, chain_id, height (the cursor: the newest block that is in), generation (counts rebuilds)
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS webhooks (
  id         TEXT    PRIMARY KEY,
  url        TEXT    NOT NULL,
  types      TEXT    NOT NULL,        -- json: array
  secret     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  height     INTEGER NOT NULL,        -- cursor: place of the last event that was delivered
  idx        INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,        -- that failed since
  next_at    INTEGER NOT NULL,
  last_error TEXT    NOT NULL,
  failing    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS deliveries (
  webhook TEXT    NOT NULL,
  height  INTEGER NOT NULL,
  idx     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  status  INTEGER NOT NULL,           -- of HTTP, 0 without an answer
  error   TEXT    NOT NULL,
  PRIMARY KEY (webhook, height, idx)
) STRICT, WITHOUT ROWID;
