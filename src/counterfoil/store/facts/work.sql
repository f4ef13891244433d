-- What each person's work that landed in a period came to within 30 days of its landing; of changes, which
-- were taken back as a whole, and what reading them took where that was counted. What agents made is counted
-- where it is asked for.
SELECT
  who,
  CAST(count(*) AS BIGINT) AS landed,
  CAST(sum(CASE WHEN undone IS NULL OR undone > landed + 30 THEN 1 ELSE 0 END) AS BIGINT) AS kept,
  CAST(sum(CASE WHEN kind = 'change' THEN 1 ELSE 0 END) AS BIGINT) AS merged,
  CAST(sum(CASE WHEN kind = 'change' AND reverted <= landed + 30 THEN 1 ELSE 0 END) AS BIGINT) AS reverted,
  CAST(sum(CASE WHEN kind = 'change' AND reviews IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS reviewed,
  CAST(sum(CASE WHEN kind = 'change' THEN coalesce(reviews, 0) + coalesce(comments, 0) ELSE 0 END) AS BIGINT)
    AS looks
FROM work_fate
WHERE landed >= $since AND landed < $until
  AND (($kind IS NULL AND NOT starts_with(kind, 'agent-')) OR kind = $kind)
GROUP BY who
