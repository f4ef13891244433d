-- By which ways commits of sessions are known in a period; none is no way.
SELECT DISTINCT path
FROM spend
WHERE day >= $since AND day < $until AND path <> ''
