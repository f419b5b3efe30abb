-- The index: what the chain's blocks say, in rows. Every projected table is a function of the chain alone, so that a rebuild gives the
-- same rows (Digest). Conventions:
--   amounts      TEXT, decimal base units (they can exceed 64 bits); only ustream that is sorted by is INTEGER
--   times        INTEGER, Unix seconds; "at" fields are live time as the chain's events say, blocks.time is the header's
--   days         INTEGER, header time / 86400
--   height, idx  the place of the event in the chain: idx counts all events of the block, begin-block first, then transactions, then end-block
--   json         TEXT, canonical (sorted keys)
-- Enumerations are the lower-case last words of the chain's names: WORK_STATUS_ACTIVE is active, OFFER_KIND_PAY_WHAT_YOU_WANT is pay-what-you-want.

-- blocks ---------------------------------------------------------------------------------------------------------------------------

CREATE TABLE blocks (
  height   INTEGER PRIMARY KEY,       -- 0 is the genesis
  hash     TEXT    NOT NULL,          -- upper-case hex, as CometBFT writes it
  app_hash TEXT    NOT NULL,          -- the header's: of the state after height - 1
  time     INTEGER NOT NULL,
  live     INTEGER NOT NULL,          -- live time (x/clock) at the block, computed from the headers
  nanos    INTEGER NOT NULL,          -- the header's time in nanoseconds, and
  live_nanos INTEGER NOT NULL,        -- the same of live time: what the next block's is computed from
  txs      INTEGER NOT NULL,
  events   INTEGER NOT NULL           -- all of them, also those not kept
) STRICT;

CREATE TABLE txs (
  hash      TEXT    PRIMARY KEY,      -- lower-case hex
  height    INTEGER NOT NULL,
  idx       INTEGER NOT NULL,         -- place in its block
  time      INTEGER NOT NULL,
  code      INTEGER NOT NULL,         -- 0: it took effect
  codespace TEXT    NOT NULL,
  log       TEXT    NOT NULL,         -- of a failure; nodes may word it differently, so it is not in the digest
  payer     TEXT    NOT NULL,         -- of the fee
  fee_denom TEXT    NOT NULL,
  fee       TEXT    NOT NULL,
  gas_wanted INTEGER NOT NULL,
  gas_used  INTEGER NOT NULL,
  memo      TEXT    NOT NULL,
  messages  TEXT    NOT NULL          -- json: type URLs in order
) STRICT, WITHOUT ROWID;
CREATE INDEX txs_at ON txs (height, idx);
CREATE INDEX txs_payer ON txs (payer, height, idx);

-- messages of types that this program does not know, kept as they came
CREATE TABLE unknown_messages (
  tx   TEXT    NOT NULL,
  idx  INTEGER NOT NULL,
  type TEXT    NOT NULL,
  value BLOB   NOT NULL,
  PRIMARY KEY (tx, idx)
) STRICT, WITHOUT ROWID;

-- typed events, unknown ones too. Those that say who watched what are left out (project.Private): payments by the second, lanes,
-- sessions, session keys, and what counts for passes.
CREATE TABLE events (
  height INTEGER NOT NULL,
  idx    INTEGER NOT NULL,
  tx     TEXT    NOT NULL,            -- hash, or empty for begin-block and end-block
  type   TEXT    NOT NULL,            -- proto name
  data   TEXT    NOT NULL,            -- proto JSON
  PRIMARY KEY (height, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_type ON events (type, height, idx);
CREATE INDEX events_tx ON events (tx, height, idx) WHERE tx <> '';

-- creators -------------------------------------------------------------------------------------------------------------------------

CREATE TABLE creators (
  n             INTEGER PRIMARY KEY,  -- order of registration, from 1: "newest" is n descending
  id            TEXT    NOT NULL UNIQUE,
  controller    TEXT    NOT NULL,
  handle        TEXT    NOT NULL,     -- or empty
  registered_at INTEGER NOT NULL,
  level         INTEGER NOT NULL,     -- 0 to 3, by the attestations that count now
  works         INTEGER NOT NULL,     -- active ones
  score         INTEGER NOT NULL,     -- as of works.score, over all that is paid to the creator
  payers        INTEGER NOT NULL
) STRICT;
CREATE INDEX creators_controller ON creators (controller);
CREATE UNIQUE INDEX creators_handle ON creators (handle) WHERE handle <> '';
CREATE INDEX creators_level ON creators (level, n);
CREATE INDEX creators_score ON creators (score, n);

CREATE TABLE attesters (
  attester TEXT    PRIMARY KEY,
  levels   TEXT    NOT NULL,          -- json: those it may attest
  active   INTEGER NOT NULL,
  set_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attestations (
  creator       TEXT    NOT NULL,
  attester      TEXT    NOT NULL,
  level         INTEGER NOT NULL,
  evidence_hash TEXT    NOT NULL,     -- hex
  attested_at   INTEGER NOT NULL,
  expires_at    INTEGER NOT NULL,
  PRIMARY KEY (creator, attester)
) STRICT, WITHOUT ROWID;
CREATE INDEX attestations_attester ON attestations (attester, creator);

CREATE TABLE rotations (
  creator        TEXT    PRIMARY KEY,
  controller     TEXT    NOT NULL,
  new_controller TEXT    NOT NULL,
  requested_at   INTEGER NOT NULL,
  ready_at       INTEGER NOT NULL,
  expires_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- works ----------------------------------------------------------------------------------------------------------------------------

CREATE TABLE works (
  n            INTEGER PRIMARY KEY,   -- order of first publication, from 1: "newest" is n descending; rowid of works_fts and titles_fts
  root         TEXT    NOT NULL UNIQUE,
  head         TEXT    NOT NULL,      -- cid of the newest version, whose fields these are:
  version      INTEGER NOT NULL,
  creator      TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  title        TEXT    NOT NULL,      -- empty where a genesis has the work and no block ever said its text
  title_key    TEXT    NOT NULL,      -- folded, for sorting
  description  TEXT    NOT NULL,
  language     TEXT    NOT NULL,      -- BCP 47 as published, or empty
  licence      TEXT    NOT NULL,
  tags         TEXT    NOT NULL,      -- json: array
  duration     INTEGER NOT NULL,      -- seconds
  media        TEXT    NOT NULL,
  cover        TEXT    NOT NULL,
  piece_root   TEXT    NOT NULL,      -- hex
  piece_size   TEXT    NOT NULL,
  encrypted    INTEGER NOT NULL,
  keys         TEXT    NOT NULL,      -- json of the chain's Keys, or empty
  status       TEXT    NOT NULL,      -- active, retired, restricted
  retired      INTEGER NOT NULL,      -- its author withdrew it: what it is again when a restriction ends
  published_at INTEGER NOT NULL,      -- of the root
  updated_at   INTEGER NOT NULL,      -- of the head
  committed_at INTEGER NOT NULL,      -- of the root; 0 without a commit
  prices       INTEGER NOT NULL,      -- bits: free 1, metered 2, purchase 4, rental 8, plan 16, tier 32, token 64, pay-what-you-want 128, template 256; its own offers, those of collections it is in, and open plans and passes that cover it
  copies       INTEGER NOT NULL,      -- operators with an active deal for any version
  score        INTEGER NOT NULL,      -- ustream: burn + treasury of the last 7 days, less the most that rebates give back, at most 5 STREAM a payer
  payers       INTEGER NOT NULL       -- how many payers that is from
) STRICT;
CREATE INDEX works_status ON works (status, n);
CREATE INDEX works_score ON works (status, score, n);
CREATE INDEX works_title ON works (status, title_key, n);
CREATE INDEX works_creator ON works (creator, status, n);

CREATE TABLE versions (
  cid          TEXT    PRIMARY KEY,
  root         TEXT    NOT NULL,
  version      INTEGER NOT NULL,
  published_at INTEGER NOT NULL,
  tx           TEXT    NOT NULL       -- empty where a genesis has it
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_root ON versions (root, version);

CREATE TABLE work_tags (
  tag  TEXT    NOT NULL,              -- lower case
  work INTEGER NOT NULL,              -- works.n
  PRIMARY KEY (tag, work)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_tags_work ON work_tags (work);

-- the bits of works.prices as rows: one work has at most one row a kind
CREATE TABLE work_prices (
  kind TEXT    NOT NULL,
  work INTEGER NOT NULL,
  PRIMARY KEY (kind, work)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_prices_work ON work_prices (work);

CREATE TABLE parents (
  work   TEXT    NOT NULL,            -- root of the derived work
  parent TEXT    NOT NULL,            -- root of the parent
  idx    INTEGER NOT NULL,
  bps    INTEGER NOT NULL,
  granted INTEGER NOT NULL,           -- the parent's creator said yes to this one; open terms are in derivation_terms
  PRIMARY KEY (work, parent)
) STRICT, WITHOUT ROWID;
CREATE INDEX parents_parent ON parents (parent, work);

CREATE TABLE derivation_terms (
  work    TEXT    PRIMARY KEY,
  open    INTEGER NOT NULL,
  min_bps INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE splits (
  subject TEXT    PRIMARY KEY,        -- root, or creator id: a work without its own has its creator's
  version INTEGER NOT NULL,
  shares  TEXT    NOT NULL            -- json: [{"recipient","bps"}]
) STRICT, WITHOUT ROWID;

-- Search. Rows of active works only. bm25 weights that fit: title 10, tags 6, handle 6, description 1.
-- A word that finds nothing is corrected through words: candidates share trigrams (words_fts: OR of the word's), the best by edit
-- distance, then by n. Titles of languages without spaces are found through titles_fts (three characters and more).
CREATE VIRTUAL TABLE works_fts USING fts5 (title, tags, handle, description, content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2', prefix='2 3');
CREATE VIRTUAL TABLE titles_fts USING fts5 (title, content='', contentless_delete=1, tokenize='trigram remove_diacritics 1');
CREATE TABLE words (
  id   INTEGER PRIMARY KEY,           -- rowid of words_fts
  word TEXT    NOT NULL UNIQUE,       -- folded: lower case, without diacritics; 3 to 32 characters; from titles, tags and handles
  n    INTEGER NOT NULL               -- how often it was published
) STRICT;
CREATE VIRTUAL TABLE words_fts USING fts5 (word, content='', tokenize='trigram', detail=none);

CREATE TABLE collections (
  id         TEXT    PRIMARY KEY,
  creator    TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  title      TEXT    NOT NULL,
  works      INTEGER NOT NULL,
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX collections_creator ON collections (creator, created_at);

CREATE TABLE collection_works (
  collection TEXT    NOT NULL,
  idx        INTEGER NOT NULL,        -- order, from 0
  work       TEXT    NOT NULL,        -- root
  PRIMARY KEY (collection, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_works_work ON collection_works (work, collection);

-- what is sold ---------------------------------------------------------------------------------------------------------------------

CREATE TABLE offers (
  subject TEXT    PRIMARY KEY,        -- root, or collection id
  creator TEXT    NOT NULL,
  version INTEGER NOT NULL,
  set_at  INTEGER NOT NULL,
  offers  TEXT    NOT NULL            -- json: array of the API's flat Offer
) STRICT, WITHOUT ROWID;

CREATE TABLE plans (
  id              TEXT    PRIMARY KEY,
  n               INTEGER NOT NULL UNIQUE,  -- order of creation, plans and passes together
  kind            TEXT    NOT NULL,   -- plan, pass
  creator         TEXT    NOT NULL,   -- of a plan its creator's id; of a pass its curator's address
  title           TEXT    NOT NULL,
  denom           TEXT    NOT NULL,
  price           TEXT    NOT NULL,
  period_seconds  INTEGER NOT NULL,
  trial_seconds   INTEGER NOT NULL,
  min_seconds     INTEGER NOT NULL,
  coverage        TEXT    NOT NULL,   -- all, listed
  max_subscribers INTEGER NOT NULL,
  closed          INTEGER NOT NULL,
  platform        INTEGER NOT NULL,   -- a pass that governance made
  created_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX plans_creator ON plans (creator, n);

CREATE TABLE plan_works (             -- listed when the plan was made; works can join by a plan offer besides
  plan TEXT NOT NULL,
  work TEXT NOT NULL,
  PRIMARY KEY (plan, work)
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_works_work ON plan_works (work);

CREATE TABLE pass_creators (
  pass    TEXT    NOT NULL,
  creator TEXT    NOT NULL,
  joined  INTEGER NOT NULL,           -- it accepted, and has not left
  PRIMARY KEY (pass, creator)
) STRICT, WITHOUT ROWID;
CREATE INDEX pass_creators_creator ON pass_creators (creator, pass);

CREATE TABLE templates (
  id          TEXT    PRIMARY KEY,
  n           INTEGER NOT NULL UNIQUE,
  author      TEXT    NOT NULL,
  title       TEXT    NOT NULL,
  access      TEXT    NOT NULL,
  price       TEXT    NOT NULL,
  refund      TEXT    NOT NULL,
  params      TEXT    NOT NULL,       -- json: proto JSON of TemplateParam
  royalty_bps INTEGER NOT NULL,
  previous    TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  works       INTEGER NOT NULL        -- works and collections that sell by it
) STRICT, WITHOUT ROWID;

CREATE TABLE template_offers (
  template TEXT NOT NULL,
  subject  TEXT NOT NULL,
  PRIMARY KEY (template, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX template_offers_subject ON template_offers (subject);

-- what accounts have ---------------------------------------------------------------------------------------------------------------

CREATE TABLE entitlements (
  viewer   TEXT    NOT NULL,
  work     TEXT    NOT NULL,          -- root, or collection id
  right    TEXT    NOT NULL,          -- purchase, rental, template
  at       INTEGER NOT NULL,
  until    INTEGER NOT NULL,          -- 0: no end; a template's is only known to the chain
  hold     TEXT    NOT NULL,          -- newest, or empty; refundable until holds.release_at
  buyer    TEXT    NOT NULL,
  denom    TEXT    NOT NULL,
  price    TEXT    NOT NULL,
  collection_version INTEGER NOT NULL,
  template TEXT    NOT NULL,          -- or empty
  purchases INTEGER NOT NULL,         -- by template: those that were not refunded
  counted  INTEGER NOT NULL,          -- it is in copurchases
  PRIMARY KEY (viewer, work, right)
) STRICT, WITHOUT ROWID;
CREATE INDEX entitlements_work ON entitlements (work, right);
CREATE INDEX entitlements_hold ON entitlements (hold) WHERE hold <> '';
CREATE INDEX entitlements_at ON entitlements (viewer, at, work);

-- who bought a also bought b; from purchases that can no longer be refunded, for a viewer's newest 32 works
CREATE TABLE copurchases (
  a TEXT    NOT NULL,                 -- both are roots; rows for (a, b) and (b, a)
  b TEXT    NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;
CREATE INDEX copurchases_n ON copurchases (a, n);

CREATE TABLE subscriptions (
  viewer     TEXT    NOT NULL,
  plan       TEXT    NOT NULL,        -- plan or pass id
  started_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  renewals   INTEGER NOT NULL,        -- further periods that can be charged
  payer      TEXT    NOT NULL,        -- who is charged for them, or empty
  max_denom  TEXT    NOT NULL,
  max_price  TEXT    NOT NULL,        -- or empty
  periods    TEXT    NOT NULL,        -- json: of a pass the starts of the periods that are not closed
  PRIMARY KEY (viewer, plan)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_plan ON subscriptions (plan);

-- money ----------------------------------------------------------------------------------------------------------------------------

-- Payments that were shared out, but those by the second and those of passes to works: they say who watched what and are in the sums
-- below only. Parts sum to charged; parents is within creator.
CREATE TABLE payments (
  height  INTEGER NOT NULL,
  idx     INTEGER NOT NULL,
  time    INTEGER NOT NULL,
  tx      TEXT    NOT NULL,           -- of a held payment the one that paid; empty where a block did it by itself
  rail    TEXT    NOT NULL,           -- purchase, rental, plan, tip
  subject TEXT    NOT NULL,           -- root or creator id; of a pass's period the pass id
  creator TEXT    NOT NULL,           -- id; empty for a pass's period
  payer   TEXT    NOT NULL,
  denom   TEXT    NOT NULL,
  gross   TEXT    NOT NULL,
  charged TEXT    NOT NULL,           -- gross less the discount
  parts   TEXT    NOT NULL,           -- json: {creator, parents, server, key_holders, endowment, storage_pool, stakers, treasury, participation, burn, royalty}, decimal strings, zeros left out
  creator_bps INTEGER NOT NULL,       -- creator of gross
  credits TEXT    NOT NULL,           -- json: [{"recipient","amount","parent"?}]
  hold    TEXT    NOT NULL,           -- that it was, or empty
  reference TEXT  NOT NULL,           -- what the paying module calls it
  PRIMARY KEY (height, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX payments_payer ON payments (payer, height, idx);
CREATE INDEX payments_tx ON payments (tx) WHERE tx <> '';
CREATE INDEX payments_creator ON payments (creator, height, idx);

CREATE TABLE holds (
  id         TEXT    PRIMARY KEY,
  height     INTEGER NOT NULL,
  idx        INTEGER NOT NULL,
  time       INTEGER NOT NULL,
  tx         TEXT    NOT NULL,
  payer      TEXT    NOT NULL,
  subject    TEXT    NOT NULL,
  creator    TEXT    NOT NULL,
  rail       TEXT    NOT NULL,
  denom      TEXT    NOT NULL,
  gross      TEXT    NOT NULL,
  charged    TEXT    NOT NULL,
  reference  TEXT    NOT NULL,
  release_at INTEGER NOT NULL,
  status     TEXT    NOT NULL,        -- held, contested, released, refunded
  part_of    TEXT    NOT NULL         -- the hold that this is the contested part of, or empty
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_payer ON holds (payer, height, idx);
CREATE INDEX holds_tx ON holds (tx) WHERE tx <> '';
CREATE INDEX holds_creator ON holds (creator, status);

-- Sums of everything that was shared out, payments by the second included. One row for each creator, subject, rail, day and denom.
CREATE TABLE earnings (
  creator  TEXT    NOT NULL,
  subject  TEXT    NOT NULL,          -- root, or the creator's id
  rail     TEXT    NOT NULL,          -- purchase, rental, plan, metered, tip
  day      INTEGER NOT NULL,
  denom    TEXT    NOT NULL,
  payments INTEGER NOT NULL, gross TEXT NOT NULL, charged TEXT NOT NULL, creator_part TEXT NOT NULL, parents TEXT NOT NULL, server TEXT NOT NULL,
  key_holders TEXT NOT NULL, endowment TEXT NOT NULL, storage_pool TEXT NOT NULL, stakers TEXT NOT NULL, treasury TEXT NOT NULL,
  participation TEXT NOT NULL, burn TEXT NOT NULL, royalty TEXT NOT NULL,
  PRIMARY KEY (creator, day, subject, rail, denom)
) STRICT, WITHOUT ROWID;

-- the same over all days: scope work (key is its root), creator (its id), all (empty key)
CREATE TABLE totals (
  scope    TEXT    NOT NULL,
  key      TEXT    NOT NULL,
  rail     TEXT    NOT NULL,
  denom    TEXT    NOT NULL,
  payments INTEGER NOT NULL, gross TEXT NOT NULL, charged TEXT NOT NULL, creator_part TEXT NOT NULL, parents TEXT NOT NULL, server TEXT NOT NULL,
  key_holders TEXT NOT NULL, endowment TEXT NOT NULL, storage_pool TEXT NOT NULL, stakers TEXT NOT NULL, treasury TEXT NOT NULL,
  participation TEXT NOT NULL, burn TEXT NOT NULL, royalty TEXT NOT NULL,
  PRIMARY KEY (scope, key, rail, denom)
) STRICT, WITHOUT ROWID;

-- the same of all creators by day
CREATE TABLE days (
  day      INTEGER NOT NULL,
  rail     TEXT    NOT NULL,
  denom    TEXT    NOT NULL,
  payments INTEGER NOT NULL, gross TEXT NOT NULL, charged TEXT NOT NULL, creator_part TEXT NOT NULL, parents TEXT NOT NULL, server TEXT NOT NULL,
  key_holders TEXT NOT NULL, endowment TEXT NOT NULL, storage_pool TEXT NOT NULL, stakers TEXT NOT NULL, treasury TEXT NOT NULL,
  participation TEXT NOT NULL, burn TEXT NOT NULL, royalty TEXT NOT NULL,
  PRIMARY KEY (day, rail, denom)
) STRICT, WITHOUT ROWID;

-- what works got as parents of others
CREATE TABLE royalties (
  parent   TEXT    NOT NULL,          -- root
  day      INTEGER NOT NULL,
  denom    TEXT    NOT NULL,
  payments INTEGER NOT NULL,
  amount   TEXT    NOT NULL,
  PRIMARY KEY (parent, day, denom)
) STRICT, WITHOUT ROWID;

CREATE TABLE supply_days (
  day     INTEGER PRIMARY KEY,
  minted  TEXT NOT NULL,              -- ustream
  burned  TEXT NOT NULL
) STRICT;

-- What works.score is computed from: the newest 7 days only. who is a keyed hash of the payer (the key is beside the database, not in
-- it); it can cap a payer and cannot be served as a name. It is not in the digest.
CREATE TABLE spends (
  subject TEXT    NOT NULL,           -- root or creator id
  who     BLOB    NOT NULL,
  day     INTEGER NOT NULL,
  amount  INTEGER NOT NULL,
  PRIMARY KEY (subject, who, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX spends_day ON spends (day);

-- network --------------------------------------------------------------------------------------------------------------------------

CREATE TABLE providers (
  operator       TEXT    PRIMARY KEY,
  agent          TEXT    NOT NULL,
  endpoints      TEXT    NOT NULL,    -- json: array
  region         TEXT    NOT NULL,
  network_prefix TEXT    NOT NULL,
  capacity_bytes TEXT    NOT NULL,
  price          TEXT    NOT NULL,    -- ustream for a GiB and day
  bond           TEXT    NOT NULL,
  status         TEXT    NOT NULL,    -- active, leaving, gone
  registered_at  INTEGER NOT NULL,
  unbond_at      INTEGER NOT NULL,
  deals          INTEGER NOT NULL,    -- active ones
  stored_bytes   TEXT    NOT NULL,    -- of them
  proved         INTEGER NOT NULL,    -- proofs that answered everything
  lost           INTEGER NOT NULL,    -- works whose challenges a proof left out
  missed         INTEGER NOT NULL,
  slashed        TEXT    NOT NULL,    -- ustream
  holds_keys     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deals (
  work         TEXT    NOT NULL,      -- cid of the version
  operator     TEXT    NOT NULL,
  root         TEXT    NOT NULL,
  status       TEXT    NOT NULL,      -- requested, active; one that ended has no row
  piece_size   TEXT    NOT NULL,
  rate         TEXT    NOT NULL,      -- nano-ustream a second
  requested_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  accepted_at  INTEGER NOT NULL,
  PRIMARY KEY (work, operator)
) STRICT, WITHOUT ROWID;
CREATE INDEX deals_root ON deals (root, status, operator);
CREATE INDEX deals_operator ON deals (operator, status);

CREATE TABLE repairs (                -- copies that are wanted
  work      TEXT    NOT NULL,
  operator  TEXT    NOT NULL,
  root      TEXT    NOT NULL,
  opened_at INTEGER NOT NULL,
  reason    TEXT    NOT NULL,
  PRIMARY KEY (work, operator)
) STRICT, WITHOUT ROWID;

CREATE TABLE key_sets (               -- the one that answers for an encrypted work
  root      TEXT    PRIMARY KEY,
  version   INTEGER NOT NULL,
  holders   TEXT    NOT NULL,         -- json: operators in the order of their indexes
  threshold INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- community ------------------------------------------------------------------------------------------------------------------------

CREATE TABLE disputes (
  id         INTEGER PRIMARY KEY,
  kind       TEXT    NOT NULL,        -- infringement, impersonation, refund, split, illegal-content, provider-fault
  status     TEXT    NOT NULL,        -- evidence, drawing, commit, reveal, appeal, closed; evidence becomes drawing without an event once deadline passed
  subject    TEXT    NOT NULL,
  claimant   TEXT    NOT NULL,
  respondent TEXT    NOT NULL,
  responder  TEXT    NOT NULL,
  round      INTEGER NOT NULL,
  ruling     TEXT    NOT NULL,        -- uphold, dismiss, or empty before the first
  final      INTEGER NOT NULL,
  uphold     INTEGER NOT NULL,        -- seats of the last round that was counted
  dismiss    INTEGER NOT NULL,
  opened_at  INTEGER NOT NULL,
  deadline   INTEGER NOT NULL,        -- live time, of the running step; 0 where there is none
  bond       TEXT    NOT NULL,
  counter_bond TEXT  NOT NULL,
  interim_until INTEGER NOT NULL,
  executed   INTEGER NOT NULL,
  settlement TEXT    NOT NULL         -- json of EventSettled, or empty
) STRICT;
CREATE INDEX disputes_subject ON disputes (subject, id);

CREATE TABLE evidence (
  dispute INTEGER NOT NULL,
  idx     INTEGER NOT NULL,
  by      TEXT    NOT NULL,
  cid     TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (dispute, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (                -- the public log, in chain order
  id         INTEGER PRIMARY KEY,
  dispute    INTEGER NOT NULL,
  kind       TEXT    NOT NULL,
  subject    TEXT    NOT NULL,
  respondent TEXT    NOT NULL,
  action     TEXT    NOT NULL,        -- opened, upheld, dismissed, restricted, restored, executed
  final      INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  until      INTEGER NOT NULL
) STRICT;
CREATE INDEX notices_subject ON notices (subject, id);
CREATE INDEX notices_dispute ON notices (dispute, id);

CREATE TABLE proposals (
  id           INTEGER PRIMARY KEY,
  title        TEXT    NOT NULL,
  summary      TEXT    NOT NULL,
  proposer     TEXT    NOT NULL,
  metadata     TEXT    NOT NULL,
  tx           TEXT    NOT NULL,      -- that submitted it
  messages     TEXT    NOT NULL,      -- json: proto JSON with @type; what this program does not know as {"@type", "value": base64}
  inner_messages TEXT  NOT NULL,      -- json: those inside MsgEnact, the same way
  expedited    INTEGER NOT NULL,
  status       TEXT    NOT NULL,      -- deposit, voting, passed, rejected, failed, dropped (without its deposit), cancelled
  submit_time  INTEGER NOT NULL,      -- block time
  voting_start INTEGER NOT NULL,      -- 0 before; its end is the chain's to say (gov's proposal query)
  closed_at    INTEGER NOT NULL,
  denom        TEXT    NOT NULL,
  deposit      TEXT    NOT NULL,
  enactment    INTEGER NOT NULL       -- id, 0 without one
) STRICT;
CREATE INDEX proposals_status ON proposals (status, id);
CREATE INDEX proposals_tx ON proposals (tx);

CREATE TABLE enactments (
  id          INTEGER PRIMARY KEY,
  proposal    INTEGER NOT NULL,
  track       TEXT    NOT NULL,       -- upgrade, fees-and-court, content-policy, parameters, treasury, safety
  types       TEXT    NOT NULL,       -- json: type URLs
  execute_at  INTEGER NOT NULL,
  status      TEXT    NOT NULL,       -- queued, done, failed, cancelled
  closed_at   INTEGER NOT NULL,
  failure     TEXT    NOT NULL        -- json, or empty
) STRICT;

CREATE TABLE seats (                  -- the creators' house
  creator    TEXT    PRIMARY KEY,
  taken_at   INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pauses (
  type_url TEXT    PRIMARY KEY,
  until    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE feeds (                  -- feed generators
  id          TEXT    PRIMARY KEY,
  n           INTEGER NOT NULL UNIQUE,
  owner       TEXT    NOT NULL,       -- creator id or address, as the chain says
  title       TEXT    NOT NULL,
  description TEXT    NOT NULL,
  endpoint    TEXT    NOT NULL,
  pubkey      TEXT    NOT NULL,       -- hex
  data        TEXT    NOT NULL,       -- json: the chain's row whole
  registered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- newest parameters that the index uses or shows: module name to proto JSON
CREATE TABLE params (
  module TEXT PRIMARY KEY,
  data   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
