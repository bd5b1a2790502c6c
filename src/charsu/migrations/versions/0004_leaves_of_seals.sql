-- Seals made before this step have no leaves; they are compared as a whole.
ALTER TABLE kernel.seals ADD COLUMN leaves BYTEA;

-- A session that ended with its account changed without a fact. Its version counts its facts.
UPDATE kernel.sessions s
SET version = t.facts
FROM (SELECT subject_id, count(*) AS facts FROM kernel.facts GROUP BY subject_id) t
WHERE t.subject_id = s.id AND s.version <> t.facts;
