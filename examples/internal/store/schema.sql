-- The state of keyaudit. Times are nanoseconds since 1970 in UTC, so that a report made
-- from here is the report that was written. Bodies are stored once each, by the first
-- 16 bytes of their SHA-256.

CREATE TABLE run(
  id INTEGER PRIMARY KEY, state TEXT NOT NULL CHECK(state IN ('running','complete','abandoned')),
  started INTEGER NOT NULL, finished INTEGER, before INTEGER, -- the run it was compared with
  keys INTEGER NOT NULL DEFAULT 0, pruned INTEGER NOT NULL DEFAULT 0, -- whether its results were removed
  report TEXT NOT NULL, -- the report without its results
  root BLOB, digest BLOB) STRICT;
CREATE UNIQUE INDEX one_running ON run(state) WHERE state='running';

CREATE TABLE key(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, exchange TEXT NOT NULL, environment TEXT NOT NULL,
  n INTEGER NOT NULL) STRICT; -- n is from 0: an inventory should not, but may, name two keys alike
CREATE INDEX key_name ON key(name);

CREATE TABLE snapshot( -- what an inspection found, without what differs every time
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, place TEXT NOT NULL, -- the exchange, where the body does not say
  fingerprint INTEGER, words INTEGER NOT NULL,
  unrecognised INTEGER NOT NULL, coding INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE TABLE link( -- by what a key concerns others besides its fingerprint, see audit.Link
  snapshot INTEGER NOT NULL, handle INTEGER NOT NULL, asks INTEGER NOT NULL, PRIMARY KEY(snapshot,handle)) STRICT, WITHOUT ROWID;
CREATE TABLE verdict(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, data TEXT NOT NULL) STRICT;
CREATE TABLE text( -- policies, records, and what is said of an exchange
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, data TEXT NOT NULL) STRICT;

CREATE TABLE result(
  run INTEGER NOT NULL, key INTEGER NOT NULL, snapshot INTEGER, last INTEGER, verdict INTEGER,
  policy INTEGER, record INTEGER, exchange INTEGER,
  line INTEGER, position INTEGER, -- in the inventory: a line more at its top must not make every record another
  taken INTEGER, first_seen INTEGER, last_used INTEGER, clock INTEGER, requests INTEGER, siblings TEXT, last_moment TEXT,
  rank INTEGER, -- of the worst finding, as audit.Finding ranks it
  leaf BLOB, -- of a key that was forgotten
  PRIMARY KEY(run,key)) STRICT, WITHOUT ROWID;
CREATE TABLE finding( -- about no single key of the run
  run INTEGER NOT NULL, n INTEGER NOT NULL, data TEXT, leaf BLOB, PRIMARY KEY(run,n)) STRICT, WITHOUT ROWID;

-- For the sqlite3 program. One row per key of the last complete run.
CREATE VIEW current_keys AS
SELECT key.name, key.exchange, key.environment, datetime(r.taken/1000000000,'unixepoch') AS taken,
  datetime(coalesce(r.first_seen,r.taken)/1000000000,'unixepoch') AS first_seen, r.last IS NULL AND r.rank IS NOT NULL AS judged,
  json_extract(record.data,'$.owner') AS owner, json_extract(policy.data,'$.policy') AS policy, r.rank
FROM result r JOIN key ON key.id=r.key LEFT JOIN text record ON record.id=r.record LEFT JOIN text policy ON policy.id=r.policy
WHERE r.run=(SELECT max(id) FROM run WHERE state='complete');

-- One row per finding that failed or is undetermined, of every run.
CREATE VIEW findings AS
SELECT r.run, datetime(run.started/1000000000,'unixepoch') AS started, key.name, key.exchange, key.environment,
  f.key AS rule, json_extract(f.value,'$[0]') AS outcome, json_extract(f.value,'$[1]') AS severity,
  json_extract(f.value,'$[2]') AS waived, EXISTS (SELECT 1 FROM json_each(verdict.data,'$.new') WHERE value=f.key) AS new
FROM result r JOIN run ON run.id=r.run JOIN key ON key.id=r.key JOIN verdict ON verdict.id=r.verdict, json_each(verdict.data,'$.open') f
WHERE run.state='complete';

-- The open findings of a result, of which anything may change.
CREATE VIEW outcomes AS
SELECT r.run, r.key, r.snapshot, json_extract(verdict.data,'$.open') AS open FROM result r LEFT JOIN verdict ON verdict.id=r.verdict;

-- One row per key and run in which something is other than in the run before it.
CREATE VIEW changes AS
SELECT run.id AS run, datetime(run.started/1000000000,'unixepoch') AS started, key.name, key.exchange, key.environment,
  CASE WHEN p.key IS NULL THEN 'new key' WHEN p.snapshot IS NOT r.snapshot AND p.open IS NOT r.open THEN 'facts and findings'
  WHEN p.snapshot IS NOT r.snapshot THEN 'facts' ELSE 'findings' END AS what
FROM run JOIN outcomes r ON r.run=run.id JOIN key ON key.id=r.key LEFT JOIN outcomes p ON p.run=run.before AND p.key=r.key
WHERE run.before IS NOT NULL AND (p.key IS NULL OR p.snapshot IS NOT r.snapshot OR p.open IS NOT r.open)
UNION ALL
SELECT run.id, datetime(run.started/1000000000,'unixepoch'), key.name, key.exchange, key.environment, 'key is gone'
FROM run JOIN result p ON p.run=run.before JOIN key ON key.id=p.key LEFT JOIN result r ON r.run=run.id AND r.key=p.key
WHERE run.state='complete' AND r.key IS NULL;

-- Keys of the last complete run that are listed more than once.
CREATE VIEW shared_keys AS
SELECT printf('%016x',s.fingerprint) AS id, count(*) AS entries, group_concat(key.name,', ') AS names
FROM result r JOIN snapshot s ON s.id=r.snapshot JOIN key ON key.id=r.key
WHERE r.run=(SELECT max(id) FROM run WHERE state='complete') AND s.fingerprint IS NOT NULL
GROUP BY s.fingerprint HAVING count(*)>1;
