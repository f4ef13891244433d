-- Each person's licences at the end of a block, and those that were used since its first day.
SELECT
  who,
  CAST(count(*) AS BIGINT) AS seats,
  CAST(sum(CASE WHEN last_active >= $since THEN 1 ELSE 0 END) AS BIGINT) AS used
FROM seat
WHERE assigned < $until
  AND (ended IS NULL OR ended >= $until)
  AND ($tool IS NULL OR tool = $tool)
GROUP BY who
