-- What became of what each person's sessions cost in a period. The parts are all of it: standing, undone, not
-- landed, too young, not examined and unknown.
SELECT
  who,
  CAST(sum(cost) AS BIGINT) AS cost,
  CAST(sum(standing) AS BIGINT) AS standing,
  CAST(sum(undone) AS BIGINT) AS undone,
  CAST(sum(not_landed) AS BIGINT) AS not_landed,
  CAST(sum(too_young) AS BIGINT) AS too_young,
  CAST(sum(not_examined) AS BIGINT) AS not_examined,
  CAST(sum(unknown) AS BIGINT) AS unknown,
  CAST(sum(standing + undone + not_landed + too_young) AS BIGINT) AS examined,
  CAST(sum(CASE WHEN path <> '' THEN cost ELSE 0 END) AS BIGINT) AS joined,
  CAST(sum(changes) AS BIGINT) AS changes,
  CAST(sum(requests) AS BIGINT) AS requests,
  CAST(sum(unpriced) AS BIGINT) AS unpriced
FROM spend
WHERE day >= $since AND day < $until
  AND ($path IS NULL OR path = $path)
GROUP BY who
