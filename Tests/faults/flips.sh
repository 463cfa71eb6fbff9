#!/bin/bash
# Flips single bits all over a state folder: each is detected, its file named, and rebuilt where the dumps are there.
# usage: Tests/faults/flips.sh HOLDFAST [FLIPS] [SEED]
set -euo pipefail
flips=${2:-1000}
RANDOM=${3:-1}
. "$(dirname "$0")/common.sh" "$1"
"$holdfast" generate dumps --rows 600 --customers 60 --files 2 --level 1 >output 2>&1
results() { sqlite3 "$1" 'SELECT * FROM customers; SELECT * FROM churn_metrics; SELECT path, rows_loaded, rows_rejected FROM loads; SELECT line, reason, raw FROM rejects ORDER BY 1'; }
here=(--state state --database out.sqlite)
"$holdfast" run night.yaml "${here[@]}" --quiet >output
"$holdfast" transform night.yaml --state state --quiet >output
"$holdfast" score night.yaml --state state --quiet >output
results out.sqlite > wanted
cp -a state sound
# Run records and the lock are no part of the results.
(cd sound && find . -type f ! -path './runs/*' ! -name lock ! -name '*-shm' ! -name '*-wal' -printf '%s %P\n' | sort -k2) > files

undetected=0 unnamed=0 unmended=0
declare -A per
for ((i = 1; i <= flips; i++)); do
  # Files in turn, so that the small ones get their share.
  line=$(sed -n "$(((i - 1) % $(wc -l < files) + 1))p" files)
  size=${line%% *} file=${line#* }
  offset=$(((RANDOM * 32768 + RANDOM) % size)) bit=$((RANDOM % 8))
  rm -rf state && cp -a sound state
  byte=$(od -An -tu1 -j "$offset" -N1 "state/$file")
  printf "$(printf '\\%03o' $((byte ^ (1 << bit))))" | dd of="state/$file" bs=1 seek="$offset" conv=notrunc status=none
  per[${file%%/*}]=$((${per[${file%%/*}]:-0} + 1))
  code=0
  "$holdfast" validate night.yaml --store --state state >output 2>errors || code=$?
  if [ $code != 65 ]; then
    undetected=$((undetected + 1))
    echo "flip of bit $bit at byte $offset of $file: validate ended with $code"
  elif ! grep -q "$(basename "$file" | sed 's/\.seal$//')" errors; then
    unnamed=$((unnamed + 1))
    echo "flip of bit $bit at byte $offset of $file: not named: $(head -2 errors | tr '\n' ' ')"
  fi
  # What the errors say is to be done.
  case $file in
    catalog.*) mv state state.damaged ;;
    events/*) ;;
    *) rm -rf "state/$file" ;;
  esac
  rm -f out.sqlite*
  code=0
  "$holdfast" run night.yaml "${here[@]}" --rebuild --quiet >output 2>errors || code=$?
  rm -rf state.damaged
  if [ $code != 0 ] || ! results out.sqlite | cmp -s - wanted || ! "$holdfast" validate night.yaml --store --state state >output 2>>errors; then
    unmended=$((unmended + 1))
    echo "flip of bit $bit at byte $offset of $file: not mended ($code): $(head -3 errors | tr '\n' ' ')"
  fi
done
for kind in $(printf '%s\n' "${!per[@]}" | sort); do echo "  $kind: ${per[$kind]}"; done
echo "flips: $flips in $(wc -l < files) files, $((flips - undetected)) detected, $((flips - undetected - unnamed)) named, $((flips - unmended)) rebuilt"
[ $((undetected + unnamed + unmended)) = 0 ]
