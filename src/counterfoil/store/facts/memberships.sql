-- Every membership that somebody has or had, of one of them or of all.
SELECT who, unit, since, until
FROM membership
WHERE $who IS NULL OR who = $who
