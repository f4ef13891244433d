-- Each person's deployments to production in each week of a period: how many, which needed an immediate
-- intervention, and which put out the very commit that was running there already.
WITH in_order AS (
  SELECT
    who,
    day,
    failed,
    CASE WHEN sha = lag(sha) OVER (PARTITION BY repository ORDER BY day, length(work), work) THEN 1 ELSE 0 END
      AS needless
  FROM deployment
  WHERE environment = 'production' AND result = 'succeeded'
)
SELECT
  who,
  CAST(date_trunc('week', day) AS DATE) AS week,
  CAST(count(*) AS BIGINT) AS deployed,
  CAST(sum(failed) AS BIGINT) AS failed,
  CAST(sum(needless) AS BIGINT) AS needless
FROM in_order
WHERE day >= $since AND day < $until
GROUP BY who, date_trunc('week', day)
