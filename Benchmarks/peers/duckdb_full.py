"""duckdb_full.py DUMPS_GLOB DATABASE: the whole job in DuckDB, in memory."""
import sys

import duckdb
from duckdb_job import configure, features_into_sqlite, valid_transactions
from results import lap

dumps, database = sys.argv[1:]
connection = duckdb.connect()
configure(connection, database + ".scratch")
connection.execute("CREATE TEMP TABLE tx AS " + valid_transactions(dumps))
lap("read")
features_into_sqlite(connection, database)
