-- What requests of a day state no cost: which models, of which tools.
SELECT DISTINCT tool, model
FROM usage
WHERE day = $day AND cost IS NULL AND model <> ''
ORDER BY tool, model
