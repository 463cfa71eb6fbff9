# holdfast: every task a person or a machine needs. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: run test test-zlib build bench lint format golden clean help setup

BUILD := .build
HOLDFAST := $(BUILD)/release/holdfast

run: build ## build, then run the pipeline over the CDNOW purchases and print a summary
	$(HOLDFAST) run pipelines/cdnow.yaml

build: setup ## build the release binary: .build/release/holdfast
	swift build -c release --product holdfast

# In release, since some suites read millions of rows. Twice: with ISA-L and with zlib alone.
test: setup ## all tests, with ISA-L and with zlib alone
	swift test -c release
	$(MAKE) --no-print-directory test-zlib

test-zlib: setup ## all tests, with zlib in place of ISA-L
	swift test -c release --disable-default-traits --scratch-path $(BUILD)/zlib

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
