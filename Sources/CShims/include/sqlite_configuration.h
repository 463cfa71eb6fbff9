// `sqlite3_config` and `sqlite3_db_config` are variadic, and Swift can not call variadic C.
#ifndef HOLDFAST_SQLITE_CONFIGURATION_H
#define HOLDFAST_SQLITE_CONFIGURATION_H
#include <sqlite3.h>

static const int holdfast_dbconfig_enable_trigger = SQLITE_DBCONFIG_ENABLE_TRIGGER;
static const int holdfast_dbconfig_enable_view = SQLITE_DBCONFIG_ENABLE_VIEW;
static const int holdfast_dbconfig_trusted_schema = SQLITE_DBCONFIG_TRUSTED_SCHEMA;
static const int holdfast_dbconfig_defensive = SQLITE_DBCONFIG_DEFENSIVE;

/// Sets one boolean option of a connection (SQLITE_DBCONFIG_…); returns SQLite's result code.
static inline int holdfast_sqlite_db_config(sqlite3 *connection, int option, int on) {
  return sqlite3_db_config(connection, option, on, (int *)0);
}

/// Before the first connection only: SQLite then keeps no count of its allocations, and takes no lock for them.
static inline int holdfast_sqlite_without_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
#endif
