# What the scripts beside this one share. usage: . common.sh HOLDFAST; it leads into an empty folder with a binary and a pipeline file.
holdfast=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > night.yaml <<'Y'
name: night
as_of: 2025-01-01
store: {buckets: 4}
feeds: {transactions: {dumps: ["dumps/*.csv.gz"], settle: 0, rejects: {rows_max: 1000000}}}
Y
# All tables but those that grow by every run, and all columns but those that name a run, in the order in which the rows are stored.
tables() { sqlite3 "$1" < queries | sha256sum; }
write_queries() {
  for table in $(sqlite3 "$1" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('runs', 'checks') AND name NOT LIKE 'sqlite_%' ORDER BY 1"); do
    columns=$(sqlite3 "$1" "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('$table') WHERE name <> 'run_id'")
    case $table in loads | rejects) order="ORDER BY 1, 2, 3" ;; *) order="" ;; esac
    echo "SELECT '$table'; SELECT $columns FROM $table $order;"
  done > queries
}
