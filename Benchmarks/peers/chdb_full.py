"""chdb_full.py DUMPS_GLOB DATABASE: the whole job in ClickHouse inside the process, handed to SQLite as Arrow."""
import csv
import io
import sys

import pyarrow
from chdb import session
from results import AS_OF, CHURN_DAYS, SEGMENT, THREADS, lap, write

dumps, database = sys.argv[1:]
engine = session.Session()


def run(sql, form="TSV"):
    return engine.query(sql, form)


run("CREATE DATABASE IF NOT EXISTS job")
run(f"SET max_threads = {THREADS}")

# Grouping by transaction was faster than LIMIT 1 BY and than ignoring errors while reading.
run(f"""
CREATE TABLE job.tx ENGINE = Memory AS
SELECT any(row.customer_id) AS customer_id, any(assumeNotNull(row.at)) AS at, toDate(at) AS day, any(assumeNotNull(row.amount)) AS amount,
  any(row.discount) AS discount, any(row.cost) AS cost, any(row.category) AS category, any(row.channel) AS channel,
  CAST(any(row.kind) = 'refund', 'UInt8') AS refund
FROM (
  SELECT transaction_id, customer_id, parseDateTimeOrNull(occurred_at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS at,
    toFloat64OrNull(amount) AS amount, discount, cost, category, channel, kind
  FROM file('{dumps}', 'CSVWithNames', 'transaction_id String, customer_id String, occurred_at String, amount String, discount Float64,
    cost Float64, category LowCardinality(String), channel LowCardinality(String), kind String')
  WHERE at IS NOT NULL AND amount IS NOT NULL AND kind IN ('purchase', 'refund')
) AS row
GROUP BY row.transaction_id
SETTINGS input_format_csv_allow_variable_number_of_columns = 1, max_threads = {THREADS}""")
lap("read")

run(f"""
CREATE TABLE job.sums ENGINE = Memory AS
SELECT customer_id, countIf(NOT refund) AS purchases, countIf(refund) AS refunds, round(sum(if(refund, -amount, amount)), 2) AS net_revenue,
  sumIf(amount, NOT refund) AS gross, sumIf(discount, NOT refund) AS discounts,
  round(sum(if(refund, cost - amount, amount - cost)), 2) AS margin, uniqExactIf(category, NOT refund) AS categories,
  argMaxIf(channel, at, NOT refund) AS last_channel,
  round(sumIf(amount, NOT refund AND day >= toDate('{AS_OF}') - 89), 2) AS spend_90d,
  round(sumIf(amount, NOT refund AND day >= toDate('{AS_OF}') - 179 AND day < toDate('{AS_OF}') - 89), 2) AS spend_prev_90d,
  arraySort(groupUniqArrayIf(day, NOT refund)) AS days
FROM job.tx GROUP BY customer_id HAVING purchases > 0
SETTINGS max_threads = {THREADS}""")
lap("sums")

CUSTOMERS = f"""
WITH
(SELECT count() FROM job.sums) AS everyone,
spans AS (
  SELECT *, days[1] AS first_day, days[-1] AS last_day, length(days) - 1 AS frequency,
    arrayPopFront(arrayDifference(arrayMap(x -> toInt32(x), days))) AS gaps
  FROM job.sums),
ranked AS (
  SELECT *,
    intDiv((rank() OVER (ORDER BY last_day) - 1) * 5, everyone) + 1 AS r,
    intDiv((rank() OVER (ORDER BY frequency) - 1) * 5, everyone) + 1 AS f,
    intDiv((rank() OVER (ORDER BY net_revenue) - 1) * 5, everyone) + 1 AS m
  FROM spans)
SELECT customer_id, toString(first_day) AS first_purchase, toString(last_day) AS last_purchase,
  toInt64(toDate('{AS_OF}') - first_day) AS t_days, toInt64(last_day - first_day) AS recency_days, toInt64(frequency) AS frequency,
  toInt64(purchases) AS purchases, toInt64(refunds) AS refunds, net_revenue, gross / purchases AS mean_order_value,
  if(gross + discounts > 0, discounts / (gross + discounts), 0.) AS discount_share, margin, toInt64(categories) AS categories,
  toString(last_channel) AS last_channel, spend_90d, spend_prev_90d, if(frequency > 0, (last_day - first_day) / frequency, NULL) AS gap_mean,
  if(frequency > 1, arrayReduce('stddevSampStable', gaps), NULL) AS gap_std,
  toInt64(r) AS r, toInt64(f) AS f, toInt64(m) AS m, {SEGMENT} AS segment
FROM ranked ORDER BY customer_id
SETTINGS output_format_arrow_string_as_string = 1"""
customers = pyarrow.ipc.open_stream(run(CUSTOMERS, "ArrowStream").bytes()).read_all()
lap("customers")

MONTHS = f"""
WITH
visits AS (
  SELECT day, i = 1 AS is_first, i > 1 ? toInt32(day) - toInt32(days[i - 1]) : NULL AS days_before,
    i < length(days) ? toInt32(days[i + 1]) - toInt32(day) : 99999 AS days_after
  FROM job.sums ARRAY JOIN days AS day, arrayEnumerate(days) AS i),
seen AS (
  SELECT formatDateTime(day, '%Y-%m') AS month, countIf(is_first) AS new, countIf(days_before > {CHURN_DAYS}) AS reactivated
  FROM visits GROUP BY month),
buyers AS (
  SELECT formatDateTime(day, '%Y-%m') AS month, uniqExact(customer_id) AS active FROM job.tx WHERE NOT refund GROUP BY month),
gone AS (
  SELECT formatDateTime(day + {CHURN_DAYS}, '%Y-%m') AS month, count() AS churned
  FROM visits WHERE days_after > {CHURN_DAYS} AND day + {CHURN_DAYS} < toDate('{AS_OF}') GROUP BY month),
money AS (
  SELECT formatDateTime(day, '%Y-%m') AS month, round(sum(if(refund, -amount, amount)), 2) AS revenue FROM job.tx GROUP BY month)
SELECT seen.month, buyers.active, seen.new, gone.churned, seen.reactivated, money.revenue
FROM seen LEFT JOIN buyers ON seen.month = buyers.month LEFT JOIN gone ON seen.month = gone.month
  LEFT JOIN money ON seen.month = money.month
ORDER BY seen.month"""
rows = csv.reader(io.StringIO(run(MONTHS, "CSV").bytes().decode()))
months = [(row[0], *map(int, row[1:5]), float(row[5])) for row in rows]
lap("months")
write(database, customers, months)
