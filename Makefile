# Each target makes the virtual environment itself; nothing has to be set up by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test bench lint crds lock clean help
help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: $(STAMP) ## the real thing on a local cluster, from nothing to cleaned up (KEEP=1 leaves it running)
	@$(BIN)/python -m demo $(if $(KEEP),--keep)

test: $(STAMP) ## every test, on a local control plane
	@$(BIN)/devcluster build
	$(BIN)/pytest -n 2 --dist loadgroup

bench: $(STAMP) ## request counts and CPU per object, into docs/performance.md
	@$(BIN)/python -m bench

lint: $(STAMP) ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

crds: $(STAMP) ## generate crds/ from the models
	$(BIN)/ams-operator crds --write crds

lock: ## renew requirements.lock (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q \
	  pyproject.toml emulator/pyproject.toml devcluster/pyproject.toml requirements.in -o requirements.lock

clean: ## remove what the targets made here (the control plane's cache stays: `devcluster clean`)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(STAMP): requirements.lock pyproject.toml emulator/pyproject.toml devcluster/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed; name one with make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) (about a minute, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --progress-bar off --require-hashes -r requirements.lock | grep -E '^(Downloading|Collecting|Installing|Successfully)' | cut -c1-100
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e . -e emulator -e devcluster
	@touch $@
