"""duckdb_night.py load DUMPS_GLOB STORE: dumps into a persistent DuckDB table.
duckdb_night.py append DUMP STORE DATABASE: one more dump, what is new in it, then all features and the SQLite file."""
import sys

import duckdb
from duckdb_job import configure, features_into_sqlite, valid_transactions
from results import lap

what, dumps, store = sys.argv[1:4]
connection = duckdb.connect(store)
configure(connection, store + ".scratch")
if what == "load":
    connection.execute("CREATE TABLE tx AS " + valid_transactions(dumps))
else:
    connection.execute(f"INSERT INTO tx SELECT * FROM ({valid_transactions(dumps)}) ANTI JOIN tx USING (transaction_id)")
    lap("append")
    features_into_sqlite(connection, sys.argv[4])
connection.execute("CHECKPOINT")
connection.close()
lap("checkpoint")
