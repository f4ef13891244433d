-- What kinds of work landed in a period.
SELECT DISTINCT kind
FROM work_fate
WHERE landed >= $since AND landed < $until
