#!/bin/bash
# Makes every persistence system call of a small run fail, one after the other: by KILL, ENOSPC and EIO. After each the published results
# are the old ones or the new ones, byte for byte, the exit code says what happened, and running again gives what an undisturbed run gives.
# usage: Tests/faults/sweep.sh HOLDFAST [EVERY]     EVERY: 1 for all calls (default), n for every nth
set -euo pipefail
every=${2:-1}
if ! command -v strace >/dev/null || ! strace -f -o /dev/null true 2>/dev/null; then
  echo "sweep: skipped, since strace is missing or may not trace here" >&2
  exit 0
fi
calls=openat,write,pwrite64,pwritev,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,link,linkat,unlink,unlinkat,ftruncate,mkdir,mkdirat,fchmod,fallocate
. "$(dirname "$0")/common.sh" "$1"
"$holdfast" generate dumps --rows 600 --customers 60 --files 2 --level 1 >output 2>&1
night=(run night.yaml --threads 1 --quiet)
mkdir base
"$holdfast" run night.yaml --state base/state --database base/out.sqlite --dumps 'dumps/*0.csv.gz' --as-of 2024-06-01 --quiet >/dev/null
write_queries base/out.sqlite
tables base/out.sqlite > old
cp -a base whole
strace -f -qq -e trace=$calls -o trace "$holdfast" "${night[@]}" --state whole/state --database whole/out.sqlite >output
tables whole/out.sqlite > new
cmp -s old new && { echo "sweep: old and new results do not differ" >&2; exit 1; }

faults=0 codes=""
declare -A seen
for fault in KILL ENOSPC EIO; do
  for call in ${calls//,/ }; do
    # Which of the calls: those that open for reading are no persistence, and most of them are the system's own.
    numbers=$(grep "^[0-9]* *$call(" trace | grep -n "" | { [ "$call" = openat ] && grep -E 'O_(CREAT|RDWR|WRONLY)' || cat; } | cut -d: -f1 |
      awk -v every="$every" 'NR % every == 1 || every == 1' || true)
    for n in $numbers; do
      inject=error=$fault
      [ "$fault" = KILL ] && inject=signal=KILL
      rm -rf place && cp -a base place
      code=0
      strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:$inject:when=$n" \
        "$holdfast" "${night[@]}" --state place/state --database place/out.sqlite >output 2>errors || code=$?
      faults=$((faults + 1))
      seen[$fault-$code]=$((${seen[$fault-$code]:-0} + 1))
      bad=""
      case $fault-$code in KILL-137 | KILL-0 | ENOSPC-0 | EIO-0 | ENOSPC-74 | EIO-74 | EIO-65 | EIO-66) ;; *) bad="exit code $code" ;; esac
      [ "$fault" = KILL ] || [ "$code" = 0 ] || grep -q 'fix: ' errors || bad="$bad, no fix"
      # From a copy: reading repairs a database.
      rm -rf seen && mkdir seen && cp place/out.sqlite* seen/ 2>/dev/null
      rm -f seen/out.sqlite-shm
      tables seen/out.sqlite > found 2>&1 || true
      if cmp -s found new; then state=new; elif cmp -s found old; then state=old; else state=torn; bad="$bad, torn results"; fi
      [ "$code" = 0 ] && [ "$state" != new ] && bad="$bad, exit code 0 without the results"
      again=0
      "$holdfast" "${night[@]}" --state place/state --database place/out.sqlite >output 2>errors.again || again=$?
      [ "$again" = 0 ] || bad="$bad, run again: $again $(head -3 errors.again)"
      tables place/out.sqlite > found 2>&1 || true
      cmp -s found new || bad="$bad, run again: other results"
      "$holdfast" validate night.yaml --store --state place/state >/dev/null 2>errors.validate || bad="$bad, the store is damaged: $(head -2 errors.validate)"
      # The folder of a killed run's record goes with the record.
      left=$(find place -path place/state/runs -prune -o \( -name '*.tmp' -o -name 'out.sqlite.*' \) -print | head -3)
      [ -z "$left" ] || bad="$bad, left behind: $left"
      if [ -n "$bad" ]; then
        codes="$codes
$fault at $call $n: ${bad#, }; $(head -2 errors | tr '\n' ' ')"
      fi
    done
  done
done
for key in $(printf '%s\n' "${!seen[@]}" | sort); do echo "  ${key%-*} ended with ${key#*-}: ${seen[$key]} times"; done
if [ -n "$codes" ]; then
  echo "sweep: $faults faults,$(printf '%s\n' "$codes" | grep -c :) findings:$codes"
  exit 1
fi
echo "sweep: $faults faults, 0 torn, 0 lost; running again gave the same bytes every time"
