#!/bin/sh
# Line coverage of what parses foreign bytes, by the unit tests of those parsers and of the pipeline file.
# In release: unoptimised, the suites that read millions of rows would take hours.
# usage: Tests/coverage.sh BUILD
set -eu
cd "$(dirname "$0")/.."
build=$1
swift build -c release --build-tests --enable-code-coverage --scratch-path "$build" >&2
swift test -c release --skip-build --enable-code-coverage --scratch-path "$build" \
  --filter 'BuffersTests|ColumnsTests|DumpsTests|EventsTests|WorkflowTests' >"$build/coverage.log" 2>&1 || {
  tail -30 "$build/coverage.log" >&2
  exit 1
}
# What SwiftPM exported: other tools' llvm-cov may not know this compiler's format.
python3 Tests/coverage-table.py "$(swift test -c release --show-codecov-path --scratch-path "$build")"
