-- The sessions that a day's costs were told of.
SELECT who, tool, session
FROM session_cost
WHERE day = $day
