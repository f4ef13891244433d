-- What tools, models and triggers there are in a period.
SELECT DISTINCT tool, model, trigger
FROM usage_day
WHERE day >= $since AND day < $until
