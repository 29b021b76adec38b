# Every verb that a person or a machine needs. `make` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build install examples test check format docs edge verify-crash verify-crash-long shared-long reload-long gates bench-quick tsan asan fuzz fuzz-http deploy-test clean prerequisites

RELEASE := -c release --static-swift-stdlib
BUILD := swift build --explicit-target-dependency-import-check error
FORMATTED = Package.swift Sources Tests examples/Package.swift $(wildcard examples/*/Sources examples/*/Tests)

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

prerequisites: # Install what is missing, once
	@.ci/prerequisites

run: build ## Build and run the application of this folder: the Task Queue on port 8080
	@exec .build/release/wippy-swift run

build: prerequisites ## Build wippy-swift and the application, as they are deployed
	@$(BUILD) $(RELEASE) --product wippy-swift
	@$(BUILD) $(RELEASE) --product task-queue

PREFIX ?= /usr/local
install: prerequisites ## Install wippy-swift below PREFIX (/usr/local), with its completions and its manual page
	@$(BUILD) $(RELEASE) --product wippy-swift
	@.ci/install "$(DESTDIR)$(PREFIX)"

examples: prerequisites ## Build the programs of examples/ and their tests, which are a package of their own
	@$(BUILD) --package-path examples --build-tests

test: build examples ## Run every test
	@$(BUILD) $(RELEASE) --product WippyProbe
	@$(BUILD) --build-tests
	@.ci/test

check: prerequisites ## Check format, imports, warnings and generated pages
	@swift format lint --strict --parallel --recursive $(FORMATTED)
	@$(BUILD) --build-tests
	@swift test --skip-build --filter 'Generated(Pages|Templates)|ImportTests' </dev/null

format: ## Format the sources
	@swift format --in-place --parallel --recursive $(FORMATTED)

docs: prerequisites ## Write the generated pages and the templates of init again, and the reference of each library
	@$(BUILD) --build-tests
	@# A recording never passes as a test, so the pages are compared once they are written.
	@RECORD=1 swift test --skip-build --filter 'Generated(Pages|Templates)' </dev/null >/dev/null 2>&1 || true
	@swift test --skip-build --filter 'Generated(Pages|Templates)' </dev/null
	@.ci/docc
	@git status --short docs/kinds docs/settings.md docs/graph.svg schema.json Sources/WippyCommand/Templates

edge: build ## Test the built applications from outside; PARTS="raw json slow stop end scale reload reload-load reload-scale databases secrets durable shared queue hostile schema", ROUNDS=20 of stop
	@$(BUILD) $(RELEASE) --product WippyProbe
	@python3 -B Tests/Edge/edge.py $(PARTS) --rounds $(or $(ROUNDS),20)

verify-crash: build ## Kill the durable applications, in Swift and in Lua, 20 times and count what became of their messages
	@.ci/verify-crash 20

verify-crash-long: build ## The same with 200 kills of each
	@.ci/verify-crash 400

shared-long: build ## Kill two processes on one file of durable queues 200 times under load; SEED=1
	@python3 -B Tests/Edge/edge.py shared --kills 200 --seed $(or $(SEED),1)

reload-long: build ## Compare 300 pairs of plans, and reload 400 times under load
	@PLAN_PAIRS=300 SWIFT_BACKTRACE=enable=no swift test --filter PlanPairTests </dev/null
	@python3 -B Tests/Edge/edge.py reload-load --edits 400

gates: build ## Compare what a request, a message and a row allocate with the expected figures
	@.ci/gates

bench-quick: build ## Measure the application beside its peers and write docs/benchmarks.md
	@.ci/bench-quick

tsan: prerequisites ## Run the tests of everything concurrent under the thread sanitizer
	@.ci/sanitize thread

asan: prerequisites ## Run the tests of everything that wraps C under the address sanitizer
	@.ci/sanitize address

fuzz: prerequisites ## Look for inputs that break a reader; SECONDS=60 for each of TARGETS="json yaml http fields lua lua-json patterns"
	@.ci/fuzz --seconds $(or $(SECONDS),60) $(TARGETS)

fuzz-http: build ## Give mutated requests to the server, to h11 and to Go; SECONDS=60, SEED=N to repeat a run
	@$(BUILD) $(RELEASE) --product WippyProbe
	@.ci/fuzz-http --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED))

deploy-test: build ## Run a template's program on a bare Debian, as its Dockerfile does; as root, with debootstrap
	@.ci/deploy-test

clean: ## Remove what was built
	@rm -rf .build examples/.build
