-- Who is there on a day, and where: the latest membership that had begun by then and not ended.
-- Between two memberships somebody was away, or nobody knows where; they are not there.
SELECT
  p.who,
  p.role,
  coalesce(max_by(m.unit, m.since) FILTER (m.since <= $day AND (m.until IS NULL OR m.until > $day)), '') AS unit
FROM person AS p
LEFT JOIN membership AS m
  ON m.who = p.who
WHERE p.joined <= $day AND (p."left" IS NULL OR p."left" > $day)
GROUP BY p.who, p.role
HAVING count(m.unit) FILTER (m.since <= $day AND (m.until IS NULL OR m.until > $day)) > 0
  OR NOT coalesce(bool_or(m.until <= $day) AND bool_or(m.since > $day), false)
ORDER BY p.who
