-- What tools there are licences of.
SELECT DISTINCT tool
FROM seat
WHERE assigned < $until AND $since IS NOT NULL
