-- What became of what each person's sessions cost, day by day: each session's cost is split over the changes
-- that landed of its commits, and what is left of the day's cost is unknown. Keys that are no longer told of
-- become nothing. The parts of a day are all of its cost, to the micro-dollar. Of weeks that were told of
-- (their Mondays, with commas) a day is counted anew only where its cost is another.
WITH whole AS (
  SELECT who, day, CAST(sum(coalesce(cost, 0)) AS BIGINT) AS cost, CAST(sum(requests) AS BIGINT) AS requests,
    CAST(sum(CASE WHEN cost IS NULL THEN requests ELSE 0 END) AS BIGINT) AS unpriced
  FROM usage_day WHERE day >= $since AND day <= $today GROUP BY who, day
),
-- Rows of use go before those of spend: then a day's cost is what it was.
kept AS (
  SELECT s.who, s.day, CAST(sum(s.cost) AS BIGINT) AS cost, CAST(sum(s.requests) AS BIGINT) AS requests,
    CAST(sum(s.unpriced) AS BIGINT) AS unpriced
  FROM spend AS s LEFT JOIN whole AS w ON w.who = s.who AND w.day = s.day
  WHERE s.day >= $since AND s.day <= $today AND w.who IS NULL
  GROUP BY s.who, s.day
),
days AS (
  SELECT * FROM whole UNION ALL SELECT * FROM kept
),
-- A mark names a tool, and mostly no session: it joins the only session of whoever pushed it that has that
-- tool and its day, and none where there are two, where one has no name, or where the marks that would be its
-- own are of two repositories. One that names a session joins that one or none.
marked AS (
  SELECT m.who, m.tool, m.day, m.repository, m.head, m.session
  FROM pushed_mark AS m
  ANTI JOIN joined AS j
    ON left(j."commit", 7) = left(m."commit", 7) AND starts_with(m."commit", j."commit")
    AND (j.repository = '' OR j.repository = m.repository)
),
alone AS (
  SELECT who, tool, day, min(session) AS session FROM session_cost
  GROUP BY who, tool, day
  HAVING min(session) = max(session) AND min(session) <> 0
),
guessed AS (
  SELECT DISTINCT m.who, a.session, m.repository, m.head
  FROM marked AS m
  JOIN alone AS a ON a.who = m.who AND a.tool = m.tool AND a.day = m.day
  WHERE m.session = 0
),
by_mark AS (
  SELECT g.who, g.session, g.repository, g.head
  FROM guessed AS g
  ANTI JOIN (
    SELECT who, session FROM guessed GROUP BY who, session HAVING min(repository) <> max(repository)
  ) AS t ON t.who = g.who AND t.session = g.session
  UNION
  SELECT m.who, m.session, m.repository, m.head
  FROM marked AS m
  JOIN (SELECT DISTINCT who, tool, session FROM session_cost) AS s
    ON s.who = m.who AND s.tool = m.tool AND s.session = m.session
  WHERE m.session <> 0
),
-- What a session or its owner says goes before any mark.
made_by AS (
  SELECT who, session, repository, "commit", path FROM joined WHERE session <> 0
  UNION ALL
  SELECT b.who, b.session, b.repository, b.head AS "commit", 'mark' AS path
  FROM by_mark AS b
  ANTI JOIN joined AS j ON j.who = b.who AND j.session = b.session
),
known AS (
  SELECT who, session, min(path) AS path FROM made_by GROUP BY who, session
),
-- A commit is told by its beginning; without a repository, only where no two repositories have it.
found AS (
  SELECT j.who, j.session, l.work,
    min(l.repository) OVER (PARTITION BY j.who, j.session, j.repository, j."commit") AS lowest,
    max(l.repository) OVER (PARTITION BY j.who, j.session, j.repository, j."commit") AS highest
  FROM made_by AS j
  JOIN landing AS l
    ON left(l."commit", 7) = left(j."commit", 7) AND starts_with(l."commit", j."commit")
    AND (j.repository = '' OR j.repository = l.repository)
),
made AS (
  SELECT DISTINCT m.who, m.session, m.work,
    CASE
      WHEN f.work IS NULL THEN 'not_examined'
      WHEN f.undone <= f.landed + 30 THEN 'undone'
      WHEN f.landed + 30 <= $today THEN 'standing'
      ELSE 'too_young'
    END AS fate
  FROM found AS m
  LEFT JOIN work_fate AS f ON f.kind = 'change' AND f.work = m.work
  WHERE m.lowest = m.highest
),
nowhere AS (
  SELECT j.who, j.session, '' AS work,
    max(CASE WHEN e.repository IS NULL THEN 'not_examined' ELSE 'not_landed' END) AS fate
  FROM made_by AS j
  LEFT JOIN (SELECT DISTINCT repository FROM landing) AS e ON e.repository = j.repository
  ANTI JOIN made AS m ON m.who = j.who AND m.session = j.session
  GROUP BY j.who, j.session
),
became AS (
  SELECT * FROM made UNION ALL SELECT * FROM nowhere
),
-- Where rows of a session came that the day does not count (yet), they have no more than its cost.
sessions AS (
  SELECT s.who, s.day, s.tool, s.session, k.path, s.requests, s.unpriced,
    CASE
      WHEN sum(greatest(s.cost, 0)) OVER mine <= greatest(coalesce(d.cost, 0), 0) THEN greatest(s.cost, 0)
      ELSE CAST(
        CAST(greatest(s.cost, 0) AS HUGEINT) * greatest(coalesce(d.cost, 0), 0)
        // (sum(greatest(s.cost, 0)) OVER mine) AS BIGINT
      )
    END AS cost
  FROM session_cost AS s
  JOIN known AS k ON k.who = s.who AND k.session = s.session
  LEFT JOIN days AS d ON d.who = s.who AND d.day = s.day
  WHERE s.day <= $today
  WINDOW mine AS (PARTITION BY s.who, s.day)
),
split AS (
  SELECT s.who, s.day, s.path, b.work, b.fate,
    s.cost // count(*) OVER mine
      + CASE WHEN row_number() OVER (mine ORDER BY b.work) <= s.cost % count(*) OVER mine THEN 1 ELSE 0 END
      AS cost
  FROM sessions AS s
  JOIN became AS b ON b.who = s.who AND b.session = s.session
  WINDOW mine AS (PARTITION BY s.who, s.day, s.tool, s.session)
),
-- A change counts once, on the first day of any session that worked on it.
firsts AS (
  SELECT who, day, path, CAST(count(*) AS BIGINT) AS changes
  FROM (
    SELECT who, day, path FROM split WHERE fate = 'standing'
    QUALIFY row_number() OVER (PARTITION BY work ORDER BY day, who, path) = 1
  )
  GROUP BY who, day, path
),
requested AS (
  SELECT who, day, path, CAST(sum(requests) AS BIGINT) AS requests, CAST(sum(unpriced) AS BIGINT) AS unpriced
  FROM sessions GROUP BY who, day, path
),
told AS (
  SELECT s.who, s.day, s.path,
    CAST(sum(s.cost) AS BIGINT) AS cost,
    CAST(sum(CASE WHEN s.fate = 'standing' THEN s.cost ELSE 0 END) AS BIGINT) AS standing,
    CAST(sum(CASE WHEN s.fate = 'undone' THEN s.cost ELSE 0 END) AS BIGINT) AS undone,
    CAST(sum(CASE WHEN s.fate = 'not_landed' THEN s.cost ELSE 0 END) AS BIGINT) AS not_landed,
    CAST(sum(CASE WHEN s.fate = 'too_young' THEN s.cost ELSE 0 END) AS BIGINT) AS too_young,
    CAST(sum(CASE WHEN s.fate = 'not_examined' THEN s.cost ELSE 0 END) AS BIGINT) AS not_examined
  FROM split AS s
  JOIN days AS d ON d.who = s.who AND d.day = s.day
  GROUP BY s.who, s.day, s.path
),
mine AS (
  SELECT who, day, CAST(sum(cost) AS BIGINT) AS cost FROM told GROUP BY who, day
),
counted AS (
  SELECT t.day, t.who, t.path, t.cost, t.standing, t.undone, t.not_landed, t.too_young, t.not_examined,
    CAST(0 AS BIGINT) AS unknown, coalesce(f.changes, 0) AS changes, r.requests, r.unpriced
  FROM told AS t
  JOIN requested AS r ON r.who = t.who AND r.day = t.day AND r.path = t.path
  LEFT JOIN firsts AS f ON f.who = t.who AND f.day = t.day AND f.path = t.path
  UNION ALL
  SELECT d.day, d.who, '', d.cost - coalesce(m.cost, 0), 0, 0, 0, 0, 0, d.cost - coalesce(m.cost, 0), 0,
    greatest(d.requests - coalesce(r.requests, 0), 0), greatest(d.unpriced - coalesce(r.unpriced, 0), 0)
  FROM days AS d
  LEFT JOIN mine AS m ON m.who = d.who AND m.day = d.day
  LEFT JOIN (
    SELECT who, day, sum(requests) AS requests, sum(unpriced) AS unpriced FROM requested GROUP BY who, day
  ) AS r ON r.who = d.who AND r.day = d.day
),
-- What was told stays as it was told, and moves only with the cost itself.
stay AS (
  SELECT d.who, d.day
  FROM days AS d
  JOIN (SELECT who, day, sum(cost) AS cost FROM spend GROUP BY who, day) AS s
    ON s.who = d.who AND s.day = d.day AND s.cost = d.cost
  WHERE list_contains(string_split($told, ','), CAST(CAST(date_trunc('week', d.day) AS DATE) AS VARCHAR))
)
SELECT * FROM counted AS c ANTI JOIN stay AS t ON t.who = c.who AND t.day = c.day
UNION ALL
SELECT s.day, s.who, s.path, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM spend AS s
ANTI JOIN counted AS c ON c.day = s.day AND c.who = s.who AND c.path = s.path
ANTI JOIN stay AS t ON t.who = s.who AND t.day = s.day
WHERE s.day >= $since AND s.day <= $today
ORDER BY day, who, path
