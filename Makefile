# holdfast: every task a person or a machine needs. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: run test test-all test-zlib test-address test-thread fuzz faults coverage build bench lint format golden clean help setup

BUILD := .build
HOLDFAST := $(BUILD)/release/holdfast

run: build ## build, then run the pipeline over the CDNOW purchases and print a summary
	$(HOLDFAST) run pipelines/cdnow.yaml

build: setup ## build the release binary: .build/release/holdfast
	swift build -c release --product holdfast

# In release, since some suites read millions of rows. Twice: with ISA-L and with zlib alone, in one folder, so that the dependencies are
# built once; ISA-L last, since that is the binary to keep.
test: setup ## all tests, with ISA-L and with zlib alone
	$(MAKE) --no-print-directory test-zlib
	swift test -c release

test-zlib: setup ## all tests, with zlib in place of ISA-L
	swift test -c release --disable-default-traits

test-all: test test-address test-thread ## all tests, then under the address and thread sanitizers

# In release, too: unoptimised, the suites that read millions of rows would take hours.
test-address: setup
	ASAN_OPTIONS=detect_leaks=0 swift test -c release --sanitize address --scratch-path $(BUILD)/address $(SANITIZED)

test-thread: setup
	swift test -c release --sanitize thread --scratch-path $(BUILD)/thread $(SANITIZED)

SANITIZED := --filter 'BuffersTests|ColumnsTests|DumpsTests|DatabasesTests|EventsTests|FeaturesTests|ScoresTests|MetricsTests|WarehouseTests|WorkflowTests'
SECONDS ?= 60

fuzz: build ## fuzz every parser of foreign bytes with libFuzzer: SECONDS=60 each, FUZZERS="csv gzip" some
	HOLDFAST=$(abspath $(HOLDFAST)) Tests/Fuzzers/run.sh $(BUILD)/fuzz $(SECONDS)

faults: build ## KILL, full disk and I/O error at every persistence call, 200 kills, 1,000 flipped bits (an hour)
	Tests/faults/sweep.sh $(HOLDFAST)
	Tests/faults/kills.sh $(HOLDFAST) 200
	Tests/faults/flips.sh $(HOLDFAST) 1000

coverage: setup ## line coverage of the parsers by the tests
	Tests/coverage.sh $(BUILD)/coverage

bench: build ## measure beside DuckDB, chDB and Polars on the same dumps and beside lifetimes, and compare the results
	Benchmarks/run.sh full
	Benchmarks/run.sh night
	swift build -c release --product modelbench
	Benchmarks/run.sh models

lint: setup ## check format and house rules
	swift format lint --strict --recursive Package.swift Sources Tests
	swift test -c release --filter HouseTests

format: ## format all Swift files
	swift format format --in-place --recursive Package.swift Sources Tests

golden: build ## make the golden results anew with the real binary
	fixtures/golden.sh $(HOLDFAST)

clean: ## remove what was built and what the example runs wrote
	rm -rf $(BUILD) output state

setup: # system packages and the Swift toolchain
	@./.ci/setup

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
