-- Each person's work that landed in each week of a period, and what of it still stood 30 days after; of changes, how
-- many, and which were taken back as a whole. What agents made is left out.
SELECT
  who,
  CAST(date_trunc('week', landed) AS DATE) AS week,
  CAST(count(*) AS BIGINT) AS landed,
  CAST(sum(CASE WHEN undone IS NULL OR undone > landed + 30 THEN 1 ELSE 0 END) AS BIGINT) AS kept,
  CAST(
    sum(CASE WHEN kind = 'change' AND (undone IS NULL OR undone > landed + 30) THEN 1 ELSE 0 END) AS BIGINT
  ) AS standing,
  CAST(sum(CASE WHEN kind = 'change' THEN 1 ELSE 0 END) AS BIGINT) AS merged,
  CAST(sum(CASE WHEN kind = 'change' AND reverted <= landed + 30 THEN 1 ELSE 0 END) AS BIGINT) AS reverted
FROM work_fate
WHERE landed >= $since AND landed < $until AND NOT starts_with(kind, 'agent-')
GROUP BY who, date_trunc('week', landed)
