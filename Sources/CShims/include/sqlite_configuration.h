// `sqlite3_db_config` is variadic, and Swift can not call variadic C.
#ifndef HOLDFAST_SQLITE_CONFIGURATION_H
#define HOLDFAST_SQLITE_CONFIGURATION_H
#include <sqlite3.h>

/// Sets one boolean option of a connection (SQLITE_DBCONFIG_…); returns SQLite's result code.
static inline int holdfast_sqlite_db_config(sqlite3 *connection, int option, int on) {
  return sqlite3_db_config(connection, option, on, (int *)0);
}
#endif
