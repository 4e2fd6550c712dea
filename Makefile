# Every step of the pipeline's life is one target; CI runs the same ones.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
export SAM_CLI_TELEMETRY := 0

FUNCTIONS := $(notdir $(wildcard functions/*))
FUNCTION_PACKAGES := $(addprefix --package ,$(FUNCTIONS))

# The local stack.
NAME ?= dev
LOCAL_PORT ?= 4566
# The deployment to AWS.
ARCH ?= arm64
# OTEL=1 builds the spans in; the Parameter OtlpEndpoint says where they go.
OTEL ?=
STACK ?= tributary
PARAMETERS ?= infra/parameters/live.yaml

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

# --- tools ------------------------------------------------------------------

VENV_STAMP := $(VENV)/.installed

.PHONY: venv lock
venv: $(VENV_STAMP) ## Install the pinned local tools into .venv (Python 3.10 or later)

$(VENV_STAMP): infra/local/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or later is needed")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

# With the oldest Python that is supported: what suits it suits the later ones.
lock: ## Resolve requirements.in into requirements.txt (PYTHON=python3.10)
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement infra/local/requirements.in
	{ echo '# Written by `make lock` from requirements.in. Do not edit.'; $(BIN)/pip freeze; } > infra/local/requirements.txt
	touch $(VENV_STAMP)

# Compiling cargo-deny takes four minutes, once per version.
DENY := target/tools/cargo-deny-0.20.2/bin/cargo-deny

$(DENY):
	cargo install --quiet --locked --root target/tools/cargo-deny-0.20.2 cargo-deny@0.20.2

MUTANTS := target/tools/cargo-mutants-27.1.0/bin/cargo-mutants

$(MUTANTS):
	cargo install --quiet --locked --root target/tools/cargo-mutants-27.1.0 cargo-mutants@27.1.0

# --- build ------------------------------------------------------------------
# Both leave target/lambda/<function>/bootstrap, where template.yaml looks.

RUST_TARGET_arm64 := aarch64-unknown-linux-gnu
RUST_TARGET_x86_64 := x86_64-unknown-linux-gnu

.PHONY: build build-local
build: $(VENV_STAMP) ## Build the functions for AWS (ARCH=arm64 or x86_64; OTEL=1 with spans)
	rustup target add $(RUST_TARGET_$(ARCH))
	PATH="$(CURDIR)/$(BIN):$$PATH" cargo lambda build --release --target $(RUST_TARGET_$(ARCH)) $(FUNCTION_PACKAGES) $(if $(OTEL),--features otel)

# The local stack and the tests share the development profile and the features of
# the whole workspace, so that the AWS SDKs are compiled once; symbols are stripped
# because every deployment zips the result.
build-local: ## Build the functions for this machine
	cargo build --workspace --bins
	for name in $(FUNCTIONS); do mkdir -p target/lambda/$$name; install -s -m 755 target/debug/$$name target/lambda/$$name/bootstrap; done

.PHONY: cli install
cli: ## Build the command line: target/release/tributary
	cargo build --release --package tributary-cli

install: ## Install the command line into ~/.cargo/bin
	cargo install --locked --path infra/cli

# --- the local stack --------------------------------------------------------

.PHONY: up down env demo
up: $(VENV_STAMP) build-local ## Deploy the pipeline to a local AWS (NAME=dev LOCAL_PORT=4566)
	$(BIN)/python infra/local/stack.py up --name $(NAME) --port $(LOCAL_PORT)

down: $(VENV_STAMP) ## Stop the local AWS of NAME
	$(BIN)/python infra/local/stack.py down --name $(NAME)

# Of the stack that `make up` left: eval "$$(make -s env)", and then `tributary status`.
env: ## What a shell needs to talk to the local AWS of NAME
	@$(BIN)/python infra/local/stack.py env --name $(NAME)

demo: $(VENV_STAMP) build-local ## Two simulated weeks through the deployed stack, compared with the truth
	target/debug/tributary-demo

# --- checks -----------------------------------------------------------------

NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)

.PHONY: check check-rust check-dependencies check-infra advisories test mutants contract differential exhaustive fuzz simulate bench
check: check-rust check-dependencies check-infra ## Formatting, lints, licences, layers, template; no test

# The fuzz engine is a workspace of its own, whose lock file nothing else would miss.
check-rust:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo tree --locked --manifest-path infra/fuzz/engine/Cargo.toml >/dev/null

check-dependencies: $(DENY)
	$(DENY) check -A unused-wrapper bans licenses sources

check-infra: $(VENV_STAMP)
	$(BIN)/cfn-lint --regions us-east-1 -- template.yaml infra/observability/*.yaml
	$(BIN)/sam validate --lint --template-file template.yaml --region us-east-1
	$(BIN)/python -m py_compile infra/local/*.py infra/local/patches/*.py

advisories: $(DENY) ## Known vulnerabilities of the dependencies; needs the network
	$(DENY) check advisories

# The end-to-end suites start their own local AWS, so they need its tools and
# the functions' binaries.
test: $(VENV_STAMP) build-local ## Every test, end to end included
ifeq ($(NEXTEST),yes)
	cargo test --workspace --doc
	cargo nextest run --workspace
else
	cargo test --workspace
endif
	cargo test --package tributary-telemetry-tests --features otel

# One package's own tests have to notice. A part of it: make mutants MUTANTS_ARGS='--shard 0/8'.
MUTATED := tributary-domain tributary-pipeline "tributary-stripe --features client"
mutants: $(MUTANTS) ## Break each rule of domain, pipeline and stripe once: some test must fail (hours)
	mkdir -p target/mutants
	failed=0; for package in $(MUTATED); do \
		$(MUTANTS) mutants --no-shuffle --output target/mutants/$${package%% *} --package $$package \
			$(if $(filter yes,$(NEXTEST)),--test-tool nextest) $(MUTANTS_ARGS) || failed=$$?; \
	done; exit $$failed

contract: $(VENV_STAMP) ## The store's contract against DynamoDB Local (needs npm and Java)
	$(BIN)/python infra/local/dynamodb_local.py cargo test --workspace --test contract

SEQUENCES ?= 10000

differential: ## Random calls of the store in memory and of the one on DynamoDB (SEQUENCES=10000, or SEED=n)
	SEQUENCES=$(SEQUENCES) cargo test --workspace --test differential -- --nocapture

# libFuzzer under the stable compiler: these are the flags that cargo-fuzz gives it,
# without a sanitizer, for there is no unsafe code to catch. What it finds stays below
# target/fuzz; what is worth keeping goes into infra/fuzz/corpus.
TARGET ?= envelope
SECONDS ?= 60
HOST := $(shell rustc -vV | sed -n 's/^host: //p')
COVERAGE := -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
	-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
	-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing
FOUND = $(CURDIR)/target/fuzz/$(TARGET)

fuzz: ## Fuzz signature_header, envelope or claim with libFuzzer (TARGET=envelope SECONDS=60)
	mkdir -p $(FOUND)/corpus
	cd infra/fuzz/engine && RUSTFLAGS="$(COVERAGE)" cargo run --release --locked --target $(HOST) \
		--target-dir $(CURDIR)/target/fuzz/build --bin $(TARGET) -- $(FOUND)/corpus ../corpus/$(TARGET) \
		-max_total_time=$(SECONDS) -max_len=8192 -artifact_prefix=$(FOUND)/ -print_final_stats=1 $(FUZZ_ARGS)

exhaustive: ## Every interleaving of two workers with a crash and a redelivery together (minutes)
	cargo test --release --package tributary-simulate --test exhaustive -- --ignored --nocapture

SEEDS ?= 10000

simulate: ## Every fault by seed against the handlers (SEEDS=10000; SEED=n shows one step by step)
	cargo run --release --package tributary-simulate -- $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

# The functions are built without the bench, so that it adds no feature to what they
# link; the bench is optimised too, for the bare HMAC that it measures them against.
bench: ## Size, start, memory and CPU per event of the release binaries (ten minutes to build)
	cargo build --release $(FUNCTION_PACKAGES)
	cargo run --release --package tributary-bench
	$(MAKE) bench-telemetry bench-tls cost bench-reconcile bench-side-by-side

# The same functions with spans built in, in a folder of their own.
.PHONY: bench-telemetry
bench-telemetry: ## What spans cost: built without, with and off, and on (a second release build)
	cargo build --release --package ingest_webhook --package apply_event
	cargo build --release --package ingest_webhook --package apply_event --features otel --target-dir target/otel
	cargo run --release --package tributary-bench --bin telemetry

# What is counted is the same in every profile, so the binaries of the tests serve.
REFERENCE := target/tools/cost-reference

.PHONY: cost cost-reference
cost: build-local ## What a million events cost, counted (EVENTS=1000 GROWTH_EVENTS=400; a few minutes)
	target/debug/tributary-cost

cost-reference: ## Install the conventional pipeline that ours is counted beside (needs Node 20 and npm)
	mkdir -p $(REFERENCE)
	cp -r infra/cost/reference/. $(REFERENCE)
	npm ci --prefix $(REFERENCE)

# Ours beside the same work done by others. Nothing else needs them: what is not
# installed is left out, and the bench says so.
PEERS := target/tools/peers
PEERS_SOURCE := infra/bench/peers
NODE_PEERS := $(PEERS)/node $(PEERS)/sync_engines

.PHONY: bench-peers bench-postgres bench-side-by-side
bench-peers: ## Install what ours is measured beside (needs Node 20, npm, Python 3.10)
	mkdir -p $(NODE_PEERS) $(PEERS)/python/function
	for peer in $(NODE_PEERS); do cp -r $(PEERS_SOURCE)/$${peer##*/}/. $$peer; npm ci --ignore-scripts --prefix $$peer; done
	npm run --prefix $(PEERS)/node bundle
	$(PYTHON) -m venv $(PEERS)/python
	$(PEERS)/python/bin/pip install --quiet --disable-pip-version-check --requirement $(PEERS_SOURCE)/python/requirements.txt
	cp $(PEERS_SOURCE)/python/ingest.py $(PEERS)/python/function
	$(PEERS)/python/bin/python -m compileall -q $(PEERS)/python/function

bench-postgres: ## Install the PostgreSQL that the sync engines write to (Debian, as root)
	apt-get install --yes --no-install-recommends postgresql

bench-side-by-side: ## Beside Node, Python and sync engines (ten minutes; `make bench-peers` first)
	cargo build --release $(FUNCTION_PACKAGES)
	cargo run --release --package tributary-bench --bin side_by_side

# DuckDB and Polars, from PyPI, in an environment of their own: nothing else needs them.
RECONCILE_PEERS := target/tools/reconcile-peers
RECONCILE_REQUIREMENTS := infra/bench-reconcile/peers/requirements.txt

$(RECONCILE_PEERS)/.installed: $(RECONCILE_REQUIREMENTS)
	$(PYTHON) -m venv --clear $(RECONCILE_PEERS)
	$(RECONCILE_PEERS)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

.PHONY: bench-reconcile
bench-reconcile: $(RECONCILE_PEERS)/.installed ## A million lines reconciled beside DuckDB and Polars; books matched; a gigabyte imported
	cargo run --release --package tributary-reconcile-bench

# AWS-LC's flag is read when it is compiled, hence a target directory for each.
TLS_BENCH = cargo run --quiet --release --locked --manifest-path infra/bench/tls/Cargo.toml

.PHONY: bench-tls
bench-tls: ## CPU to the first TLS message: ring, and AWS-LC with and without CPU jitter
	$(TLS_BENCH) --features ring --target-dir target/tls/ring -- "ring, as deployed"
	$(TLS_BENCH) --features aws-lc --target-dir target/tls/jitter -- "AWS-LC"
	AWS_LC_SYS_NO_JITTER_ENTROPY=1 $(TLS_BENCH) --features aws-lc --target-dir target/tls/no-jitter -- "AWS-LC, no jitter entropy"

.PHONY: dictionaries
dictionaries: ## Train new dictionaries for stored texts (EXAMPLES=file of Stripe's example objects)
	cargo run --release --package tributary-dictionary -- $(EXAMPLES)

# --- AWS --------------------------------------------------------------------

.PHONY: deploy
deploy: build ## Deploy to AWS (STACK=tributary PARAMETERS=infra/parameters/live.yaml)
	$(BIN)/sam deploy --template-file template.yaml --stack-name $(STACK) --resolve-s3 \
		--capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
		--parameter-overrides file://$(PARAMETERS) Architecture=$(ARCH)
