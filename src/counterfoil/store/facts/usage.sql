-- What each person's tools reported in a period. Only what a person set off makes a day active.
SELECT
  who,
  CAST(sum(input_uncached + cache_read + cache_write + output) AS BIGINT) AS tokens,
  CAST(sum(coalesce(cost, 0)) AS BIGINT) AS cost,
  CAST(sum(CASE WHEN cost IS NULL THEN requests ELSE 0 END) AS BIGINT) AS unpriced,
  CAST(sum(requests) AS BIGINT) AS requests,
  CAST(max(CASE WHEN trigger = 'human' AND requests > 0 THEN 1 ELSE 0 END) AS BIGINT) AS active
FROM usage_day
WHERE day >= $since AND day < $until
  AND ($tool IS NULL OR tool = $tool)
  AND ($model IS NULL OR model = $model)
  AND ($trigger IS NULL OR trigger = $trigger)
GROUP BY who
