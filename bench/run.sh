#!/bin/bash
# Measures the job of pipelines/bench.yaml: eight dumps of synthetic purchases, loaded and published from nothing; then a night, which is one
# more dump on seven. Prints wall and CPU seconds.
# Usage: run.sh HOLDFAST [ROWS] [CUSTOMERS]   10,000,000 rows of 1,000,000 customers by default
set -euo pipefail
holdfast=$(realpath "$1")
rows=${2:-10000000}
customers=${3:-$((rows / 10))}
cd "$(dirname "$0")/.."
folder=.build/bench
dumps=$folder/data-$rows-$customers

if [ ! -e "$dumps/truth.json" ]; then
  echo "bench: generating $rows rows of $customers customers in $dumps" >&2
  "$holdfast" generate "$dumps" --rows "$rows" --customers "$customers" --files 8 --overwrite >&2
fi

# LABEL, then flags of `holdfast run`.
measure() {
  local label=$1
  shift
  local TIMEFORMAT="$label: %R s wall, %U s user, %S s system"
  time "$holdfast" run pipelines/bench.yaml --quiet --state "$folder/state" --database "$folder/holdfast.sqlite" "$@" >"$folder/summary.txt"
}

rm -rf "$folder/state" "$folder"/holdfast.sqlite*
measure "from nothing" --dumps "$dumps/*.csv.gz"
cat "$folder/summary.txt"
measure "nothing new " --dumps "$dumps/*.csv.gz"

rm -rf "$folder/state" "$folder"/holdfast.sqlite*
measure "seven dumps " --dumps "$dumps/tx-[0-6].csv.gz"
measure "one more    " --dumps "$dumps/tx-7.csv.gz"
