# The same commands here and in CI. `make` alone prints what there is.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory
.DEFAULT_GOAL := help

GO       ?= go
FUZZTIME ?= 10s
ARGS     ?=
RUNS     ?= 200
TWINS    ?= ^(chat-room|client-abort|closure-cache|external-buffers|pending-promises|unbounded-cache|uncleared-timers|unclosed-streams|worker-thread)$$
SERIES   := tools/accuracy/testdata/series
# By its version: with the modules of the other linter it does not build.
ACTIONLINT := $(GO) run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
LINT     := $(GO) tool -modfile=tools/lint/go.mod golangci-lint

# Tests that start programs or servers run one package at a time, so that no load
# disturbs a measurement; what a test imports says which they are. The others are
# pure, and share the processors.
STARTS := os/exec|net|net/http|[^ ]*/tools/testenv|[^ ]*/target/watchdog
TESTS   = $(GO) list -f '{{.ImportPath}} {{join .TestImports " "}} {{join .XTestImports " "}} ' ./...
ALONE   = $$($(TESTS) | grep -E ' ($(STARTS)) ' | cut -d' ' -f1)
PURE    = $$($(TESTS) | grep -vE ' ($(STARTS)) ' | cut -d' ' -f1)

.PHONY: help
help: ## Print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/leakcheck
	GOGC=400 $(GO) build -trimpath -o bin/leakcheck ./cmd/leakcheck

DEMO_REPORT := .leakcheck/demo.html

.PHONY: demo
demo: build ## Find the leak in the quickstart scenario, and its line (DEMO_OPEN=1 opens the report)
	@code=0; bin/leakcheck run scenarios/catalog/quickstart/scenario.yaml --report html=$(DEMO_REPORT) || code=$$?; \
	if [ $$code -ne 1 ]; then \
		echo "demo: the quickstart app leaks and leakcheck should have exited 1, it exited $$code" >&2; exit 1; \
	fi; \
	echo; echo "demo: exit code 1 (leak), as expected: the quickstart app leaks on purpose."; \
	echo "demo: the report is $(CURDIR)/$(DEMO_REPORT)"
	@if [ "$(DEMO_OPEN)" = 1 ]; then $$(command -v xdg-open || command -v open) $(DEMO_REPORT); fi

.PHONY: deps
deps: ## Install what the tests need, where it is missing (Debian packages, as root)
	@tools/deps.sh

.PHONY: test
test: deps ## Install what the tests need, and run all of them against real servers
	$(GO) build ./...
	$(GO) test -timeout 15m $(PURE)
	$(GO) test -timeout 40m -p 1 $(ALONE)

.PHONY: race
race: deps ## Run all tests with the race detector (twice as long; CI does for each change)
	$(GO) test -race -timeout 60m -p 1 ./...

.PHONY: check
check: ## Formatting, go vet for Linux and macOS, go.mod drift
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt -w is wanted by:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	$(GO) mod verify
	$(GO) mod tidy -diff

.PHONY: lint
lint: ## Run golangci-lint and actionlint (the first run builds them, about 2 minutes)
	$(LINT) run ./...
	$(ACTIONLINT) .github/workflows/*.yml .github/examples/*.yml

.PHONY: fuzz
fuzz: ## Fuzz each target for FUZZTIME (10s)
	@tools/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: ## Measure throughput against wrk (Debian package), the start of containers, and the analysis of snapshots
	$(GO) run ./tools/bench $(ARGS)
	$(GO) run ./tools/bench/container
	$(GO) run ./tools/bench/heap

.PHONY: bench-heap
bench-heap: ## Measure the analysis of snapshots against memlab and DevTools (ARGS="-sizes 20,100,400")
	$(GO) run ./tools/bench/heap $(ARGS)

.PHONY: accuracy
accuracy: ## Error rates: simulated runs, recorded ones, then catalog and packages live (RUNS=1000, ARGS="-nodes 20,24 -cases ...")
	$(GO) run ./tools/accuracy -simulate $(RUNS)
	@if [ -f $(SERIES)/index.yaml ]; then $(GO) run ./tools/accuracy -recorded $(SERIES); fi
	$(GO) run ./tools/accuracy $(ARGS)

.PHONY: commits
commits: ## Find a leak among 12 commits of a real repository, and compare commits with themselves (40 minutes)
	LEAKCHECK_NIGHTLY=1 $(GO) test ./cmd/leakcheck -run Nightly -v -count=1 -timeout 90m

.PHONY: faults
faults: deps ## Make everything go wrong that is known to, and print how each fault ended (15 minutes)
	LEAKCHECK_NIGHTLY=1 $(GO) test ./cmd/leakcheck -run 'TestFaults$$' -v -count=1 -timeout 40m

.PHONY: diagnosis
diagnosis: ## Look into leaky twins of all kinds that need nothing but Node (TWINS=. for every twin)
	$(GO) test ./cmd/leakcheck -run 'TestDiagnosis$$' -twins '$(TWINS)' -v -count=1 -timeout 30m

.PHONY: clean
clean: ## Remove what was built and recorded here
	rm -rf bin dist .leakcheck
