-- Days of a period on which anybody's tools reported anything.
SELECT DISTINCT day
FROM usage_day
WHERE day >= $since AND day < $until
