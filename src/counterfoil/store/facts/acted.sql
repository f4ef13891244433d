-- What each person's agents did in a period, or wanted to do and was refused since it would have changed nothing.
SELECT
  who,
  CAST(count(*) AS BIGINT) AS wanted,
  CAST(sum(CASE WHEN kind = 'agent-needless' THEN 1 ELSE 0 END) AS BIGINT) AS needless
FROM work_fate
WHERE landed >= $since AND landed < $until AND starts_with(kind, 'agent-')
GROUP BY who
