-- Every piece of work that landed in a period: the commits by which it can be told, and whether a session
-- says that it made one of them, or nobody but an agent did. What agents of ours made is known anyway. A short commit is the beginning of a long one.
WITH known AS (
  SELECT work, repository, "commit" FROM landing
  UNION
  SELECT work, repository, sha FROM deployment
),
made AS (
  SELECT DISTINCT k.work
  FROM known AS k
  JOIN joined AS j
    ON substr(j."commit", 1, 7) = substr(k."commit", 1, 7) AND j.repository IN ('', k.repository)
  WHERE length(j."commit") >= 7
    AND (starts_with(k."commit", j."commit") OR starts_with(j."commit", k."commit"))
),
deployed AS (
  SELECT DISTINCT d.work
  FROM deployment AS d
  JOIN landing AS l ON l.repository = d.repository AND l."commit" = d.sha
  JOIN made ON made.work = l.work
),
told AS (
  SELECT work, min(repository) AS repository, string_agg("commit", ' ' ORDER BY "commit") AS commits
  FROM known
  GROUP BY work
)
SELECT
  f.who,
  f.kind,
  f.work,
  f.landed,
  coalesce(t.repository, '') AS repository,
  coalesce(t.commits, '') AS commits,
  CAST(f.who = '' OR f.work IN (SELECT work FROM made UNION SELECT work FROM deployed) AS BIGINT) AS assisted
FROM work_fate AS f
LEFT JOIN told AS t ON t.work = f.work
WHERE f.landed >= $since AND f.landed < $until AND NOT starts_with(f.kind, 'agent-')
ORDER BY f.kind, f.work
