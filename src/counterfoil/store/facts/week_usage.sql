-- Each person's use in each week of a period, by the workload that requests name; which days a person set some off is a sum
-- of powers of two, Monday the first of them.
SELECT
  who,
  CAST(date_trunc('week', day) AS DATE) AS week,
  workload,
  CAST(sum(input_uncached + cache_read + cache_write + output) AS BIGINT) AS tokens,
  CAST(sum(coalesce(cost, 0)) AS BIGINT) AS cost,
  CAST(sum(CASE WHEN trigger = 'human' THEN requests ELSE 0 END) AS BIGINT) AS prompts,
  CAST(
    sum(DISTINCT CASE WHEN trigger = 'human' AND requests > 0 THEN power(2, isodow(day) - 1) ELSE 0 END)
    AS BIGINT
  ) AS days
FROM usage_day
WHERE day >= $since AND day < $until
GROUP BY who, date_trunc('week', day), workload
