"""What every peer ends with: a SQLite file with one row per customer and one per month. Money is in major units."""
import os
import sqlite3
import sys
import time

import adbc_driver_sqlite.dbapi as adbc

AS_OF = "2025-01-01"  # the day after the last dump; a window of n days is (as-of − n, as-of]
CHURN_DAYS = 90
THREADS = os.cpu_count()

SCHEMA = """
CREATE TABLE customer_features(
  customer_id TEXT PRIMARY KEY, first_purchase TEXT, last_purchase TEXT, t_days INTEGER, recency_days INTEGER, frequency INTEGER,
  purchases INTEGER, refunds INTEGER, net_revenue REAL, mean_order_value REAL, discount_share REAL, margin REAL, categories INTEGER,
  last_channel TEXT, spend_90d REAL, spend_prev_90d REAL, gap_mean REAL, gap_std REAL, r INTEGER, f INTEGER, m INTEGER, segment TEXT
) WITHOUT ROWID;
CREATE TABLE churn_metrics(
  month TEXT PRIMARY KEY, active INTEGER, new INTEGER, churned INTEGER, reactivated INTEGER, revenue REAL
) WITHOUT ROWID;
"""

COLUMNS = [
    "customer_id", "first_purchase", "last_purchase", "t_days", "recency_days", "frequency", "purchases", "refunds", "net_revenue",
    "mean_order_value", "discount_share", "margin", "categories", "last_channel", "spend_90d", "spend_prev_90d", "gap_mean", "gap_std",
    "r", "f", "m", "segment",
]

SEGMENT = """CASE WHEN r >= 4 AND f >= 4 AND m >= 4 THEN 'champions' WHEN r >= 3 AND f >= 4 THEN 'loyal' WHEN r >= 4 AND f <= 2 THEN 'new'
  WHEN r <= 2 AND f >= 4 THEN 'at_risk' WHEN r <= 2 AND m >= 4 THEN 'cant_lose' WHEN r <= 2 THEN 'lost' ELSE 'regular' END"""

_started = time.perf_counter()


def lap(what):
    global _started
    now = time.perf_counter()
    print(f"  {what} {now - _started:.2f} s", file=sys.stderr)
    _started = now


def write(path, customers, months):
    """Writes an Arrow table of customers, sorted by id, and rows of months. No journal, no sync: what suits the peer best."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)
    schema = sqlite3.connect(path)
    schema.executescript(SCHEMA)
    schema.close()
    connection = adbc.connect(path, autocommit=True)
    cursor = connection.cursor()
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-65536", "locking_mode=EXCLUSIVE"):
        cursor.execute("PRAGMA " + pragma)
        cursor.fetchall()
    cursor.execute("BEGIN")
    cursor.adbc_ingest("customer_features", customers, mode="append")
    cursor.executemany("INSERT INTO churn_metrics VALUES(?, ?, ?, ?, ?, ?)", months)
    cursor.execute("COMMIT")
    cursor.close()
    connection.close()
    lap("sqlite")
