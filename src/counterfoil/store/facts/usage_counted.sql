-- Each person's use of a day, session by session, from single requests. Of one session the nearest signal is counted and no other;
-- a count without a session stands in where nothing nearer tells of that person, tool and day; an agent's
-- span stands in where its trace has no other. Where nothing of a session states a cost, it is the list price
-- of its tokens, if the model has one. Keys that are no longer told of become nothing.
WITH tiers AS (
  SELECT *, lead("over") OVER (PARTITION BY tool, model ORDER BY "over") AS upto
  FROM (
    SELECT unnest(from_json($rates, '[{"tool": "VARCHAR", "model": "VARCHAR", "over": "BIGINT",
      "input_uncached": "BIGINT", "cache_read": "BIGINT", "cache_write": "BIGINT", "output": "BIGINT"}]'
    ), recursive := true)
  )
),
mine AS (
  SELECT * FROM usage WHERE day = $day
),
earlier AS (
  SELECT series,
    arg_max(input_uncached, day) AS input_uncached, arg_max(cache_read, day) AS cache_read,
    arg_max(cache_write, day) AS cache_write, arg_max(output, day) AS output,
    arg_max(requests, day) AS requests, arg_max(cost, day) AS cost
  FROM usage
  WHERE series <> 0 AND day < $day AND day >= $day - CAST($before AS INTEGER)
  GROUP BY series
),
nearest AS (
  SELECT tool, session, min(rank) AS rank FROM mine WHERE session <> 0 GROUP BY tool, session
),
told AS (
  SELECT DISTINCT tool, who FROM mine WHERE rank < 5
),
traced AS (
  SELECT DISTINCT trace FROM mine WHERE rank = 2 AND trace <> 0
),
counted AS (
  SELECT m.*,
    m.input_uncached - coalesce(e.input_uncached, 0) AS fresh_input,
    m.cache_read - coalesce(e.cache_read, 0) AS fresh_read,
    m.cache_write - coalesce(e.cache_write, 0) AS fresh_write,
    m.output - coalesce(e.output, 0) AS fresh_output,
    m.requests - coalesce(e.requests, 0) AS fresh_requests,
    m.cost - coalesce(e.cost, 0) AS fresh_cost,
    bool_or(m.cost IS NOT NULL) OVER (PARTITION BY m.tool, m.who, m.session) AS is_stated,
    -- Of a count of several requests nobody knows how long each was.
    CASE WHEN m.requests <= 1 THEN m.input_uncached + m.cache_read + m.cache_write ELSE 0 END AS prompt
  FROM mine AS m
  LEFT JOIN earlier AS e ON m.series <> 0 AND e.series = m.series
  LEFT JOIN nearest AS n ON m.session <> 0 AND n.tool = m.tool AND n.session = m.session
  LEFT JOIN told AS t ON m.rank = 5 AND m.session = 0 AND t.tool = m.tool AND t.who = m.who
  LEFT JOIN traced AS c ON m.rank = 3 AND c.trace = m.trace
  WHERE (n.rank IS NULL OR n.rank = m.rank) AND t.tool IS NULL AND c.trace IS NULL
),
priced AS (
  SELECT c.*,
    CASE WHEN NOT c.is_stated THEN
      c.fresh_input * r.input_uncached + c.fresh_read * r.cache_read + c.fresh_write * r.cache_write
        + c.fresh_output * r.output
    END AS pico
  FROM counted AS c
  LEFT JOIN tiers AS r
    ON r.tool = c.tool AND r.model = c.model
    AND (r."over" = 0 OR c.prompt > r."over") AND (r.upto IS NULL OR c.prompt <= r.upto)
),
summed AS (
  SELECT who, day, tool, model, trigger, credential, workload, session,
    CAST(sum(fresh_requests) AS BIGINT) AS requests,
    CAST(sum(fresh_input) AS BIGINT) AS input_uncached,
    CAST(sum(fresh_read) AS BIGINT) AS cache_read,
    CAST(sum(fresh_write) AS BIGINT) AS cache_write,
    CAST(sum(fresh_output) AS BIGINT) AS output,
    CAST(coalesce(sum(fresh_cost), (2 * sum(pico) + 1000000) // 2000000) AS BIGINT) AS cost
  FROM priced
  GROUP BY who, day, tool, model, trigger, credential, workload, session
)
SELECT * FROM summed
UNION ALL
SELECT d.who, d.day, d.tool, d.model, d.trigger, d.credential, d.workload, 0, 0, 0, 0, 0, 0, 0
FROM usage_day AS d
WHERE d.day = $day
  AND EXISTS (SELECT 1 FROM mine AS m WHERE m.tool = d.tool AND m.who = d.who)
  AND NOT EXISTS (
    SELECT 1 FROM summed AS s
    WHERE s.who = d.who AND s.tool = d.tool AND s.model = d.model AND s.trigger = d.trigger
      AND s.credential = d.credential AND s.workload = d.workload
  )
