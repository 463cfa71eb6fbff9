#!/bin/sh
# Fuzzes every parser of foreign bytes for SECONDS each, FUZZERS="csv gzip" for some of them; the first finding of each ends it and is kept.
# usage: Tests/Fuzzers/run.sh BUILD SECONDS
set -eu
cd "$(dirname "$0")/../.."
build=$1
seconds=$2
mkdir -p "$build"
build=$(cd "$build" && pwd)
export HOLDFAST_FUZZERS=1 SWIFT_BACKTRACE=enable=no

mkdir -p "$build/probe"
echo '@_cdecl("LLVMFuzzerTestOneInput") public func test(_ b: UnsafePointer<UInt8>, _ n: Int) -> Int32 { 0 }' > "$build/probe/probe.swift"
if ! (cd "$build/probe" && swiftc -parse-as-library -sanitize=fuzzer,address probe.swift -o probe) >"$build/probe/log" 2>&1; then
  echo "fuzz: skipped, since this Swift toolchain has no libFuzzer or AddressSanitizer:" >&2
  tail -3 "$build/probe/log" >&2
  exit 0
fi

# With lld: gold fails on the debug information of instrumented objects. Both inflaters; one after the other in one folder, so that what does not depend on them is built once.
make_fuzzers() {
  swift build -c release --product fuzzers --scratch-path "$build" -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld "$@" >&2
  cp "$build/release/fuzzers" "$build/$name"
}
if [ "${FUZZ_BUILD:-yes}" = yes ]; then
  name=fuzzers-zlib
  make_fuzzers --disable-default-traits
  name=fuzzers-isal
  make_fuzzers
fi

# Seeds: what the tests keep, and the files of a small store.
seeds=$build/seeds
rm -rf "$seeds"
mkdir -p "$seeds/csv" "$seeds/store" "$seeds/table" "$seeds/catalog" "$seeds/jsonl" "$seeds/gzip" "$seeds/pipeline"
for dump in fixtures/synthetic/*.csv.gz fixtures/cdnow/*.csv.gz; do
  gzip -dc "$dump" | head -20 > "$seeds/csv/$(basename "$dump" .gz)"
  gzip -dc "$dump" | head -5 | gzip -1n > "$seeds/gzip/$(basename "$dump")"
done
find fixtures/malformed Tests/Vectors/csv-spectrum -name '*.csv' -size -8k -exec cp {} "$seeds/csv/" \; 2>/dev/null || true
find fixtures/malformed Tests/Vectors/jsonchecker \( -name '*.json' -o -name '*.jsonl' \) -size -8k -exec cp {} "$seeds/jsonl/" \; 2>/dev/null || true
find fixtures/malformed Tests/Vectors -name '*.gz' -size -4k -exec cp {} "$seeds/gzip/" \; 2>/dev/null || true
cp pipelines/*.yaml "$seeds/pipeline/"
printf '{"transaction_id":"t1","customer_id":"a\\u00e4","occurred_at":"2024-01-05T10:00:00Z","amount":10.5,"kind":"refund"}\n' > "$seeds/jsonl/row.jsonl"
printf '{"i":1,"c":"\\ud83d\\ude00","t":1.7e9,"q":"1.234,5-","p":2,"g":{"h":"x","k":[1,{}]}}\n{"i":null}\n' > "$seeds/jsonl/nested.jsonl"
if [ -n "${HOLDFAST:-}" ]; then
  work=$build/seed-store
  rm -rf "$work"
  mkdir -p "$work/dumps"
  gzip -dc fixtures/synthetic/tx-0.csv.gz | head -40 > "$work/dumps/a.csv"
  printf 'name: seed\nstate: state\nstore: {buckets: 2}\nfeeds: {transactions: {dumps: ["dumps/*.csv"], settle: 0, rejects: {rows_max: 99}}}\n' \
    > "$work/seed.yaml"
  (cd "$work" && for stage in extract transform score; do "$HOLDFAST" $stage seed.yaml --quiet >/dev/null; done)
  cp "$work"/state/events/transactions/*.seg "$seeds/store/"
  find "$work/state/features" "$work/state/scores" -type f -size -64k | while read -r file; do
    cp "$file" "$seeds/table/$(basename "$(dirname "$file")")-$(basename "$file")"
  done
  cp "$work/state/catalog.sqlite" "$seeds/catalog/"
fi

found=0
for fuzzer in ${FUZZERS:-csv jsonl gzip gzip-zlib store table catalog pipeline}; do
  inflater=isal
  [ "$fuzzer" = gzip-zlib ] && inflater=zlib
  name=${fuzzer%-zlib}
  mkdir -p "$build/corpus/$fuzzer" "$build/findings"
  log=$build/$fuzzer.log
  longest=2048
  case $name in store | table | catalog) longest=65536 ;; pipeline) longest=20000 ;; esac
  # An input that takes 5 seconds is a hang. Leaks are not looked for: a trap inside Swift's error paths would count as one.
  if ! FUZZER=$name "$build/fuzzers-$inflater" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -max_len=$longest -detect_leaks=0 \
    -print_final_stats=1 -artifact_prefix="$build/findings/$fuzzer-" "$build/corpus/$fuzzer" "$seeds/$name" >"$log" 2>&1; then
    found=1
    echo "fuzz: $fuzzer found something: see $log and $build/findings" >&2
  fi
  awk -v name="$fuzzer" '/cov: /{ for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
    /number_of_executed_units/{ runs = $2 } /slowest_unit_time_sec/{ slowest = $2 }
    END { printf "%-10s %9d executions, %6d edges covered, slowest %d s\n", name, runs, edges, slowest }' "$log"
done
exit $found
