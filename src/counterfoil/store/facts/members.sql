-- Who is there on a day, and where: the latest membership that had begun by then and not ended.
SELECT
  p.who,
  p.role,
  coalesce(max_by(m.unit, m.since), '') AS unit
FROM person AS p
LEFT JOIN membership AS m
  ON m.who = p.who AND m.since <= $day AND (m.until IS NULL OR m.until > $day)
WHERE p.joined <= $day AND (p."left" IS NULL OR p."left" > $day)
GROUP BY p.who, p.role
ORDER BY p.who
