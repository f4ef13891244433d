-- Each person's changes that reached production in a period, by how long that took: the steps that durations
-- are cut to, of which each is a sum.
SELECT
  who,
  CAST(count(*) AS BIGINT) AS delivered,
  CAST(sum(CASE WHEN minutes = 0 THEN 1 ELSE 0 END) AS BIGINT) AS from_0,
  CAST(sum(CASE WHEN minutes = 15 THEN 1 ELSE 0 END) AS BIGINT) AS from_15,
  CAST(sum(CASE WHEN minutes = 30 THEN 1 ELSE 0 END) AS BIGINT) AS from_30,
  CAST(sum(CASE WHEN minutes = 60 THEN 1 ELSE 0 END) AS BIGINT) AS from_60,
  CAST(sum(CASE WHEN minutes = 120 THEN 1 ELSE 0 END) AS BIGINT) AS from_120,
  CAST(sum(CASE WHEN minutes = 240 THEN 1 ELSE 0 END) AS BIGINT) AS from_240,
  CAST(sum(CASE WHEN minutes = 480 THEN 1 ELSE 0 END) AS BIGINT) AS from_480,
  CAST(sum(CASE WHEN minutes = 720 THEN 1 ELSE 0 END) AS BIGINT) AS from_720,
  CAST(sum(CASE WHEN minutes = 1440 THEN 1 ELSE 0 END) AS BIGINT) AS from_1440,
  CAST(sum(CASE WHEN minutes = 2880 THEN 1 ELSE 0 END) AS BIGINT) AS from_2880,
  CAST(sum(CASE WHEN minutes = 4320 THEN 1 ELSE 0 END) AS BIGINT) AS from_4320,
  CAST(sum(CASE WHEN minutes = 7200 THEN 1 ELSE 0 END) AS BIGINT) AS from_7200,
  CAST(sum(CASE WHEN minutes = 10080 THEN 1 ELSE 0 END) AS BIGINT) AS from_10080,
  CAST(sum(CASE WHEN minutes = 20160 THEN 1 ELSE 0 END) AS BIGINT) AS from_20160,
  CAST(sum(CASE WHEN minutes = 43200 THEN 1 ELSE 0 END) AS BIGINT) AS from_43200,
  CAST(sum(CASE WHEN minutes = 86400 THEN 1 ELSE 0 END) AS BIGINT) AS from_86400
FROM delivery
WHERE day >= $since AND day < $until
GROUP BY who
