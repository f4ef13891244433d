-- The licences that somebody has or had, of one of them or of all, of one tool or of all.
SELECT who, tool, assigned, last_active, activated, ended, cost
FROM seat
WHERE ($who IS NULL OR who = $who) AND ($tool IS NULL OR tool = $tool)
ORDER BY who, tool
