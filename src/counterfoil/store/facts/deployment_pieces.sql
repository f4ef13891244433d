-- How many deployments reached production in a period, by whose they are, agents' among them.
SELECT who, CAST(count(*) AS BIGINT) AS pieces
FROM deployment
WHERE day >= $since AND day < $until
  AND environment = 'production' AND result = 'succeeded'
GROUP BY who
