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
