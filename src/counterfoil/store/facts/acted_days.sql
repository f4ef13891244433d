-- Days on which agents did something, or wanted to, in a period.
SELECT DISTINCT who, landed AS day
FROM work_fate
WHERE landed >= $since AND landed < $until AND starts_with(kind, 'agent-')
