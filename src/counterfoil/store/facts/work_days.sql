-- Days of a period on which each person's work landed.
SELECT DISTINCT who, landed AS day
FROM work_fate
WHERE landed >= $since AND landed < $until
