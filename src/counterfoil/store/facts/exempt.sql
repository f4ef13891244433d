-- Who is exempt in at least one whole working week of a block, from its Monday to its Friday.
SELECT DISTINCT who
FROM (
  SELECT who, "until", CAST(date_trunc('week', greatest(since, CAST($since AS DATE)) + 6) AS DATE) AS monday
  FROM exempt
)
WHERE monday < $until AND ("until" IS NULL OR "until" >= monday + 5)
ORDER BY who
