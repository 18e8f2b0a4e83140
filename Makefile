# Everything needs only make and a Python of at least 3.11; the rest goes into .venv.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
UV := .venv/bin/uv
# Only this environment, only this Python: nothing is looked up or downloaded elsewhere.
export UV_PYTHON_DOWNLOADS := never
# Trust what the machine trusts, also behind a company's TLS proxy.
export UV_SYSTEM_CERTS := 1
export UV_PROJECT_ENVIRONMENT := .venv
export VIRTUAL_ENV :=

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: .venv/.run ## Start the whole product on this machine (options: ARGS="--no-demo --port 3100")
	@exec .venv/bin/ecosystem up $(ARGS)

.PHONY: build
build: .venv/.run ## Compile the pages
	@.venv/bin/ecosystem build

.PHONY: test
test: .venv/.test ## Run every test, the browser tests included (options: ARGS="-k holds")
	@.venv/bin/python -m tests.browser.chromium > /dev/null
	@.venv/bin/ecosystem build
	@exec .venv/bin/pytest -n 2 --dist loadgroup $(ARGS)

.PHONY: soak
soak: .venv/.test ## Run the long forms of the money and moving suites: every kill, every order, long lives (options: ARGS="-k life")
	@exec .venv/bin/pytest -n 2 --dist load --soak --timeout 0 tests/faults tests/life tests/races tests/migration tests/browser/test_moving.py $(ARGS)

.PHONY: check
check: .venv/.test ## Format, lint, types, import contracts, docs
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/lint-imports
	@.venv/bin/basedpyright
	@.venv/bin/pytest tests/checks -q

.PHONY: bench
bench: .venv/.test ## Run every benchmark against its baseline
	@exec .venv/bin/python -m bench $(ARGS)

.PHONY: format
format: .venv/.test ## Format and mend what can be mended
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

.PHONY: messages
messages: .venv/.test ## Bring the catalogues of ecosystem/messages up to date with the words in the code
	@.venv/bin/python -m scripts.messages

# --inexact: what a later `make test` has added is not taken away by the next `make run`.
.venv/.run: pyproject.toml uv.lock | $(UV)
	@$(UV) sync --frozen --quiet --inexact --no-default-groups --group local
	@touch $@

.venv/.test: pyproject.toml uv.lock | $(UV)
	@$(UV) sync --frozen --quiet --inexact
	@touch $@ .venv/.run

$(UV):
	@python=""; \
	for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if command -v $$name > /dev/null && $$name -c \
	    'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2> /dev/null; \
	  then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 to 3.14 is needed and was not found; install it and run make again." >&2; \
	  exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2> /dev/null; then \
	  echo "$$python has no venv module; on Debian and Ubuntu: sudo apt-get install python3-venv" >&2; \
	  exit 1; \
	fi; \
	$$python -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
