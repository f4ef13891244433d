-- Each person's deployments to production in a period, what they turned out to need, and by how long it took
-- to put right those that failed: the steps that durations are cut to, of which each is a sum.
SELECT
  who,
  CAST(count(*) AS BIGINT) AS deployed,
  CAST(sum(failed) AS BIGINT) AS failed,
  CAST(sum(unplanned) AS BIGINT) AS unplanned,
  CAST(sum(CASE WHEN failed = 1 AND recovery IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS recovered,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 0 THEN 1 ELSE 0 END) AS BIGINT) AS from_0,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 15 THEN 1 ELSE 0 END) AS BIGINT) AS from_15,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 30 THEN 1 ELSE 0 END) AS BIGINT) AS from_30,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 60 THEN 1 ELSE 0 END) AS BIGINT) AS from_60,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 120 THEN 1 ELSE 0 END) AS BIGINT) AS from_120,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 240 THEN 1 ELSE 0 END) AS BIGINT) AS from_240,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 480 THEN 1 ELSE 0 END) AS BIGINT) AS from_480,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 720 THEN 1 ELSE 0 END) AS BIGINT) AS from_720,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 1440 THEN 1 ELSE 0 END) AS BIGINT) AS from_1440,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 2880 THEN 1 ELSE 0 END) AS BIGINT) AS from_2880,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 4320 THEN 1 ELSE 0 END) AS BIGINT) AS from_4320,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 7200 THEN 1 ELSE 0 END) AS BIGINT) AS from_7200,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 10080 THEN 1 ELSE 0 END) AS BIGINT) AS from_10080,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 20160 THEN 1 ELSE 0 END) AS BIGINT) AS from_20160,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 43200 THEN 1 ELSE 0 END) AS BIGINT) AS from_43200,
  CAST(sum(CASE WHEN failed = 1 AND recovery = 86400 THEN 1 ELSE 0 END) AS BIGINT) AS from_86400
FROM deployment
WHERE day >= $since AND day < $until
  AND environment = 'production' AND result = 'succeeded'
GROUP BY who
