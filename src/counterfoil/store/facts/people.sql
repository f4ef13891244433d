-- The rows of people as they are, of one of them or of all.
SELECT who, role, joined, "left"
FROM person
WHERE $who IS NULL OR who = $who
