"""The job in DuckDB's SQL, over a table `tx` of distinct, valid transactions."""
import glob

from results import AS_OF, CHURN_DAYS, SEGMENT, THREADS, lap, write


def configure(connection, scratch):
    connection.execute(f"SET threads = {THREADS}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"SET temp_directory = '{scratch}'")


def valid_transactions(dumps):
    """SELECT of the dumps' valid rows, one for each transaction."""
    files = ", ".join("'" + path.replace("'", "''") + "'" for path in sorted(glob.glob(dumps)))
    return f"""
SELECT DISTINCT ON (transaction_id)
  transaction_id, customer_id, occurred_at, amount, discount, cost, category, channel, kind = 'refund' AS refund
FROM read_csv([{files}], header = true, auto_detect = false, delim = ',', quote = '', escape = '', ignore_errors = true,
  timestampformat = '%Y-%m-%dT%H:%M:%SZ',
  columns = {{'transaction_id': 'VARCHAR', 'customer_id': 'VARCHAR', 'occurred_at': 'TIMESTAMP', 'amount': 'DOUBLE', 'discount': 'DOUBLE',
    'cost': 'DOUBLE', 'category': 'VARCHAR', 'channel': 'VARCHAR', 'kind': 'VARCHAR'}})
WHERE amount IS NOT NULL AND occurred_at IS NOT NULL AND kind IN ('purchase', 'refund')"""


SUMS = f"""
CREATE TEMP TABLE sums AS
SELECT customer_id,
  count(*) FILTER (NOT refund) AS purchases,
  count(*) FILTER (refund) AS refunds,
  round(sum(CASE WHEN refund THEN -amount ELSE amount END), 2) AS net_revenue,
  sum(amount) FILTER (NOT refund) AS gross,
  sum(discount) FILTER (NOT refund) AS discounts,
  round(sum(CASE WHEN refund THEN cost - amount ELSE amount - cost END), 2) AS margin,
  count(DISTINCT category) FILTER (NOT refund) AS categories,
  arg_max(channel, occurred_at) FILTER (NOT refund) AS last_channel,
  round(coalesce(sum(amount) FILTER (NOT refund AND occurred_at >= DATE '{AS_OF}' - 89), 0), 2) AS spend_90d,
  round(coalesce(sum(amount) FILTER (NOT refund AND occurred_at >= DATE '{AS_OF}' - 179 AND occurred_at < DATE '{AS_OF}' - 89), 0), 2)
    AS spend_prev_90d
FROM tx GROUP BY customer_id HAVING count(*) FILTER (NOT refund) > 0"""

DAYS = """
CREATE TEMP TABLE days AS
SELECT customer_id, day, lead(day) OVER w AS next_day, lag(day) OVER w AS previous_day
FROM (SELECT DISTINCT customer_id, occurred_at::DATE AS day FROM tx WHERE NOT refund)
WINDOW w AS (PARTITION BY customer_id ORDER BY day)"""

CUSTOMERS = f"""
WITH
spans AS (
  SELECT customer_id, min(day) AS first_day, max(day) AS last_day, count(*) - 1 AS frequency, stddev_samp(next_day - day) AS gap_std
  FROM days GROUP BY customer_id),
ranked AS (
  SELECT *,
    (rank() OVER (ORDER BY last_day) - 1) * 5 // count(*) OVER () + 1 AS r,
    (rank() OVER (ORDER BY frequency) - 1) * 5 // count(*) OVER () + 1 AS f,
    (rank() OVER (ORDER BY net_revenue) - 1) * 5 // count(*) OVER () + 1 AS m
  FROM sums JOIN spans USING (customer_id))
SELECT customer_id, strftime(first_day, '%Y-%m-%d') AS first_purchase, strftime(last_day, '%Y-%m-%d') AS last_purchase,
  DATE '{AS_OF}' - first_day AS t_days, last_day - first_day AS recency_days, frequency, purchases, refunds, net_revenue,
  gross / purchases AS mean_order_value, CASE WHEN gross + discounts > 0 THEN discounts / (gross + discounts) ELSE 0 END AS discount_share,
  margin, categories, last_channel, spend_90d, spend_prev_90d,
  CASE WHEN frequency > 0 THEN (last_day - first_day) / frequency END AS gap_mean, gap_std,
  r::BIGINT AS r, f::BIGINT AS f, m::BIGINT AS m, {SEGMENT} AS segment
FROM ranked ORDER BY customer_id"""

MONTHS = f"""
WITH
seen AS (
  SELECT strftime(day, '%Y-%m') AS month, count(DISTINCT customer_id) AS active, count(*) FILTER (previous_day IS NULL) AS new,
    count(*) FILTER (day - previous_day > {CHURN_DAYS}) AS reactivated
  FROM days GROUP BY 1),
gone AS (
  SELECT strftime(day + {CHURN_DAYS}, '%Y-%m') AS month, count(*) AS churned
  FROM days
  WHERE coalesce(next_day, DATE '9999-01-01') - day > {CHURN_DAYS} AND day + {CHURN_DAYS} < DATE '{AS_OF}'
  GROUP BY 1),
money AS (
  SELECT strftime(occurred_at, '%Y-%m') AS month, round(sum(CASE WHEN refund THEN -amount ELSE amount END), 2) AS revenue
  FROM tx GROUP BY 1)
SELECT month, active, new, coalesce(churned, 0), reactivated, revenue
FROM seen LEFT JOIN gone USING (month) LEFT JOIN money USING (month) ORDER BY month"""


def features_into_sqlite(connection, database):
    connection.execute(SUMS)
    lap("sums")
    connection.execute(DAYS)
    lap("days")
    customers = connection.sql(CUSTOMERS).to_arrow_table()
    lap("customers")
    months = connection.execute(MONTHS).fetchall()
    lap("months")
    write(database, customers, months)
