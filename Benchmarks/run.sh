#!/usr/bin/env bash
# Measures holdfast beside DuckDB, chDB and Polars at the same job on the same dumps, one whole process each, and compares their results.
#
#   Benchmarks/run.sh [full|night]     full (default): from dumps to SQLite; night: one more dump on those already loaded
#   Benchmarks/run.sh models           fits and scores of CUSTOMERS=1000000 beside the Python package lifetimes,
#                                      Pareto/NBD of PARETO_CUSTOMERS=100000
#
#   SCALE=10000000   transactions; customers are a tenth of them
#   ROUNDS=3         how often each one runs
#   FILES=8          dumps
#   DATA=DIR         dumps to use (made there when missing)
#   PYTHON=FILE      a Python with requirements.txt installed, in place of one made under .build/bench
#   PYMC=FILE        models: a Python with pymc-marketing (0.19.2 was tried), which is measured too then
#   HOLDFAST=FILE    the binary, in place of .build/release/holdfast; MODELBENCH=FILE likewise
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$root/.build/bench
mode=${1:-full}
scale=${SCALE:-10000000}
files=${FILES:-8}
data=${DATA:-$work/dumps-$scale-$files}
holdfast=${HOLDFAST:-$root/.build/release/holdfast}
if [ "$mode" = models ]; then holdfast=${MODELBENCH:-$root/.build/release/modelbench}; fi

case $mode in full | night | models) ;; *) echo "usage: Benchmarks/run.sh [full|night|models]" >&2; exit 64 ;; esac
[ -x "$holdfast" ] || { echo "no $holdfast: run 'make build', or name it: HOLDFAST=FILE" >&2; exit 66; }
mkdir -p "$work"

if [ -z "${PYTHON:-}" ]; then
  PYTHON=$work/venv/bin/python
  if ! cmp --silent "$work/venv/complete" "$here/requirements.txt"; then
    echo "installing the peers into $work/venv" >&2
    python3 -m venv "$work/venv"
    "$PYTHON" -m pip install --quiet --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$work/venv/complete"
  fi
fi

if [ "$mode" = models ]; then
  export PYTHONDONTWRITEBYTECODE=1
  exec "$PYTHON" "$here/models.py" ${PYMC:+--pymc "$PYMC"} --program "$holdfast" --out "$work/models" --customers "${CUSTOMERS:-1000000}" \
    --pareto-customers "${PARETO_CUSTOMERS:-100000}" --rounds "${ROUNDS:-5}"
fi

if ! compgen -G "$data/*.csv.gz" >/dev/null; then
  echo "generating $scale transactions into $data" >&2
  "$holdfast" generate "$data" --rows "$scale" --customers $((scale / 10)) --files "$files" --seed 43 >&2
fi

# The peers' scripts leave nothing in the source tree; their packages keep the compiled files that pip made.
export PYTHONDONTWRITEBYTECODE=1
exec "$PYTHON" "$here/bench.py" "$mode" --holdfast "$holdfast" --pipeline "$root/pipelines/bench.yaml" --data "$data" \
  --out "$work/$mode" --rounds "${ROUNDS:-3}"
