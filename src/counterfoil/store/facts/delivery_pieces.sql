-- How many changes reached production in a period, by whose they are, agents' among them.
SELECT who, CAST(count(*) AS BIGINT) AS pieces
FROM delivery
WHERE day >= $since AND day < $until
GROUP BY who
