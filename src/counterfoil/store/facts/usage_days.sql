-- Days of a period on which each person's tools reported anything.
SELECT DISTINCT who, day
FROM usage_day
WHERE day >= $since AND day < $until
