# Every step of the pipeline's life is one target; CI runs the same ones.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
export SAM_CLI_TELEMETRY := 0

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

# --- tools ------------------------------------------------------------------

VENV_STAMP := $(VENV)/.installed

.PHONY: venv lock
venv: $(VENV_STAMP) ## Install the pinned local tools into .venv (Python 3.11 or later)

$(VENV_STAMP): infra/local/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

lock: ## Resolve requirements.in into requirements.txt
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement infra/local/requirements.in
	{ echo '# Written by `make lock` from requirements.in. Do not edit.'; $(BIN)/pip freeze; } > infra/local/requirements.txt
	touch $(VENV_STAMP)
