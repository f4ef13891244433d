-- Days of a period on which each person's tools reported anything.
SELECT DISTINCT who, day
FROM spend
WHERE day >= $since AND day < $until AND requests > 0
