-- Days of a period on which anybody's work landed.
SELECT DISTINCT landed AS day
FROM work_fate
WHERE landed >= $since AND landed < $until
