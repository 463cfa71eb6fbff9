#!/bin/bash
# Kills a larger run at random moments; after each the published results are the old ones or the new ones, and running again gives what an
# undisturbed run gives.
# usage: Tests/faults/kills.sh HOLDFAST [KILLS] [SEED]
set -euo pipefail
kills=${2:-200}
RANDOM=${3:-1}
. "$(dirname "$0")/common.sh" "$1"
"$holdfast" generate dumps --rows 60000 --customers 5000 --files 4 --level 1 >output 2>&1
night=(run night.yaml --quiet)
mkdir base
"$holdfast" "${night[@]}" --state base/state --database base/out.sqlite --dumps 'dumps/tx-[01].csv.gz' --as-of 2024-01-01 >output
write_queries base/out.sqlite
tables base/out.sqlite > old
cp -a base whole
began=$(date +%s%N)
"$holdfast" "${night[@]}" --state whole/state --database whole/out.sqlite >output
span=$((($(date +%s%N) - began) / 1000000))
tables whole/out.sqlite > new
cmp -s old new && { echo "kills: old and new results do not differ" >&2; exit 1; }

killed=0 over=0 olds=0 news=0 findings=0
for ((i = 1; i <= kills; i++)); do
  rm -rf place && cp -a base place
  "$holdfast" "${night[@]}" --state place/state --database place/out.sqlite >output 2>errors &
  child=$!
  wait_ms=$(((RANDOM * 32768 + RANDOM) % span))
  sleep "$(printf '%d.%03d' $((wait_ms / 1000)) $((wait_ms % 1000)))"
  if kill -KILL $child 2>/dev/null; then killed=$((killed + 1)); else over=$((over + 1)); fi
  wait $child 2>/dev/null || true
  # From a copy: reading repairs a database.
  rm -rf seen && mkdir seen && cp place/out.sqlite* seen/
  rm -f seen/out.sqlite-shm
  tables seen/out.sqlite > found
  if cmp -s found old; then olds=$((olds + 1)); elif cmp -s found new; then news=$((news + 1)); else
    findings=$((findings + 1))
    echo "killed after $wait_ms ms: a mixture"
  fi
  "$holdfast" "${night[@]}" --state place/state --database place/out.sqlite >output 2>errors || { findings=$((findings + 1)); cat errors; }
  tables place/out.sqlite > found
  if ! cmp -s found new; then
    findings=$((findings + 1))
    echo "killed after $wait_ms ms: run again, other results"
  fi
done 2>/dev/null
echo "kills: $killed of $kills killed in $span ms ($over were over), $olds saw the old results and $news the new; $findings findings"
[ $findings = 0 ]
