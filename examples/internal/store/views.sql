-- For the sqlite3 program. The host is null but where reports of hosts were merged.
-- A run replaces a view that an earlier version made.

-- One row per key of the last complete run.
CREATE VIEW current_keys AS
SELECT key.name, json_extract(record.data,'$.host') AS host, key.exchange, key.environment, datetime(r.taken/1000000000,'unixepoch') AS taken,
  datetime(coalesce(r.first_seen,r.taken)/1000000000,'unixepoch') AS first_seen, r.last IS NULL AND r.rank IS NOT NULL AS judged,
  json_extract(record.data,'$.owner') AS owner, json_extract(policy.data,'$.policy') AS policy, r.rank
FROM result r JOIN key ON key.id=r.key LEFT JOIN text record ON record.id=r.record LEFT JOIN text policy ON policy.id=r.policy
WHERE r.run=(SELECT max(id) FROM run WHERE state='complete');

-- One row per finding that failed or is undetermined, of every run.
CREATE VIEW findings AS
SELECT r.run, datetime(run.started/1000000000,'unixepoch') AS started, key.name, json_extract(record.data,'$.host') AS host, key.exchange, key.environment,
  f.key AS rule, json_extract(f.value,'$[0]') AS outcome, json_extract(f.value,'$[1]') AS severity,
  json_extract(f.value,'$[2]') AS waived, EXISTS (SELECT 1 FROM json_each(verdict.data,'$.new') WHERE value=f.key) AS new
FROM result r JOIN run ON run.id=r.run JOIN key ON key.id=r.key LEFT JOIN text record ON record.id=r.record
  JOIN verdict ON verdict.id=r.verdict, json_each(verdict.data,'$.open') f
WHERE run.state='complete';

-- The open findings of a result, of which anything may change.
CREATE VIEW outcomes AS
SELECT r.run, r.key, r.snapshot, json_extract(verdict.data,'$.open') AS open, json_extract(record.data,'$.host') AS host
FROM result r LEFT JOIN verdict ON verdict.id=r.verdict LEFT JOIN text record ON record.id=r.record;

-- One row per key and run in which something is other than in the run before it.
CREATE VIEW changes AS
SELECT run.id AS run, datetime(run.started/1000000000,'unixepoch') AS started, key.name, r.host, key.exchange, key.environment,
  CASE WHEN p.key IS NULL THEN 'new key' WHEN p.snapshot IS NOT r.snapshot AND p.open IS NOT r.open THEN 'facts and findings'
  WHEN p.snapshot IS NOT r.snapshot THEN 'facts' ELSE 'findings' END AS what
FROM run JOIN outcomes r ON r.run=run.id JOIN key ON key.id=r.key LEFT JOIN outcomes p ON p.run=run.before AND p.key=r.key
WHERE run.before IS NOT NULL AND (p.key IS NULL OR p.snapshot IS NOT r.snapshot OR p.open IS NOT r.open)
UNION ALL
SELECT run.id, datetime(run.started/1000000000,'unixepoch'), key.name, p.host, key.exchange, key.environment, 'key is gone'
FROM run JOIN outcomes p ON p.run=run.before JOIN key ON key.id=p.key LEFT JOIN result r ON r.run=run.id AND r.key=p.key
WHERE run.state='complete' AND r.key IS NULL;

-- Keys of the last complete run that are listed more than once.
CREATE VIEW shared_keys AS
SELECT printf('%016x',s.fingerprint) AS id, count(*) AS entries, group_concat(coalesce(json_extract(record.data,'$.host')||'/','')||key.name,', ') AS names
FROM result r JOIN snapshot s ON s.id=r.snapshot JOIN key ON key.id=r.key LEFT JOIN text record ON record.id=r.record
WHERE r.run=(SELECT max(id) FROM run WHERE state='complete') AND s.fingerprint IS NOT NULL
GROUP BY s.fingerprint HAVING count(*)>1;
