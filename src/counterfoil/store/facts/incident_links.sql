-- How many incidents began in a period, by how it is known which deployment they came of.
SELECT link_method, CAST(count(*) AS BIGINT) AS incidents
FROM incident
WHERE day >= $since AND day < $until
GROUP BY link_method
