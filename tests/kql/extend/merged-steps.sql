WITH q1 AS (SELECT * FROM (VALUES (CAST(1::BIGINT AS BIGINT), CAST('a' AS VARCHAR), CAST(0::BIGINT AS BIGINT)), (2::BIGINT, 'b', 1::BIGINT), (3::BIGINT, 'c', 2::BIGINT)) AS v(c0, c1, c2)),
     q2 AS (SELECT (row_number() OVER (ORDER BY c2 NULLS LAST) + 1::BIGINT - 1) AS c6, c0, c1, kql_mul(c0, 2::BIGINT) AS c3, upper(c1) AS c4, c2 FROM q1),
     q3 AS (SELECT kql_add(c3, c6) AS c7, c0, c1, c3, c4, c6, c2 FROM q2),
     q4 AS (SELECT c0, concat(c4, c1) AS c9, c6, c7, lag(c7, 1::BIGINT, CAST(NULL AS BIGINT)) OVER (ORDER BY c2 NULLS LAST) AS c8, c2 FROM q3)
SELECT c0, c9, c6, c7, c8 FROM q4 ORDER BY c2 NULLS LAST
