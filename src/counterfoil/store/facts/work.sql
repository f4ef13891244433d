-- What each person's work that landed in a period came to within 30 days of its landing.
SELECT
  who,
  CAST(count(*) AS BIGINT) AS landed,
  CAST(sum(CASE WHEN undone IS NULL OR undone > landed + 30 THEN 1 ELSE 0 END) AS BIGINT) AS kept
FROM work_fate
WHERE landed >= $since AND landed < $until
  AND ($kind IS NULL OR kind = $kind)
GROUP BY who
