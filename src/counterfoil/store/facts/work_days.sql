-- Days of a period on which each person's work landed; an agent also works where a forge tells of nothing.
SELECT DISTINCT who, landed AS day
FROM work_fate
WHERE landed >= $since AND landed < $until AND NOT starts_with(kind, 'agent-')
