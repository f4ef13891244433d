-- Each person's work that landed in a week, and what of it still stood 30 days after.
SELECT
  who,
  CAST(count(*) AS BIGINT) AS landed,
  CAST(sum(CASE WHEN undone IS NULL OR undone > landed + 30 THEN 1 ELSE 0 END) AS BIGINT) AS kept
FROM work_fate
WHERE landed >= $since AND landed < $until
GROUP BY who
