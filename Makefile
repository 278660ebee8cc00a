# Each target makes the virtual environment itself; nothing has to be set up by hand.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(notdir $(PYTHON))
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q

# Hundreds of processes start here: each would compile all of this project's modules again.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: demo test bench reliability lint crds sbom lock clean help
help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 13

demo: $(STAMP) ## the real thing on a local cluster, from nothing to cleaned up (KEEP=1 leaves it running)
	@$(BIN)/python -m demo $(if $(filter-out 0 no false,$(KEEP)),--keep) $(if $(filter command line,$(origin KUBECONFIG)),--kubeconfig='$(KUBECONFIG)')

test: $(STAMP) ## every test, on a local control plane
	@$(BIN)/devcluster build
	$(BIN)/python -m pytest -n 6 -p tests.repo.heartbeat

bench: $(STAMP) ## request counts and CPU per object, into docs/performance.md
	@$(BIN)/python -m bench

reliability: $(STAMP) ## crashes, lost answers, takeovers, a storm and a long run, into docs/reliability.md
	@$(BIN)/python -m bench.reliability

lint: $(STAMP) ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

crds: $(STAMP) ## generate crds/ from the models
	$(BIN)/python -m ams_operator.api.shipped
	$(BIN)/ams-operator crds --write crds

# Its tool has thirty dependencies that nothing else needs: an environment of its own, made when somebody asks.
sbom: ## what is in the image, each with its hashes, as CycloneDX: dist/ams-operator.cdx.json
	@mkdir -p build dist
	@[ -e build/sbom/.installed ] || { echo "Setting up its tool (half a minute, once)"; $(PYTHON) -m venv --clear build/sbom && \
	  build/sbom/bin/python -m pip --disable-pip-version-check install -q --no-deps --require-hashes -r requirements-sbom.lock && \
	  touch build/sbom/.installed; }
	build/sbom/bin/python -W ignore::UserWarning -m cyclonedx_py requirements --pyproject pyproject.toml \
	  --output-reproducible --of JSON -o dist/ams-operator.cdx.json requirements-operator.lock

lock: ## renew the four lock files (needs uv)
	$(LOCK) pyproject.toml emulator/pyproject.toml devcluster/pyproject.toml requirements.in -o requirements.lock
	$(LOCK) -c requirements.lock pyproject.toml -o requirements-operator.lock
	echo hatchling | $(LOCK) -c requirements.lock - -o requirements-build.lock
	echo cyclonedx-bom | $(LOCK) - -o requirements-sbom.lock

clean: ## remove what the targets made here (the control plane's cache stays: `devcluster clean`)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# A sign of life each 5 seconds: a slow network must not look like a hang.
$(STAMP): requirements.lock pyproject.toml emulator/pyproject.toml devcluster/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed; name one with make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) (about a minute, once)"
	@{ while sleep 5; do echo "  ... still setting up $(VENV)"; done } & trap "kill $$! 2>/dev/null || true" EXIT; \
	  same="$$($(PYTHON) -c 'import sys; print(sys.version_info[:2])')"; \
	  [ "$$($(BIN)/python -c 'import sys; print(sys.version_info[:2])' 2>/dev/null || true)" = "$$same" ] || \
	    $(PYTHON) -m venv --clear $(VENV); \
	  pip="$(BIN)/python -m pip --disable-pip-version-check install"; \
	  $$pip --progress-bar off --no-deps --require-hashes -r requirements.lock \
	    | while read -r line; do case "$$line" in (Downloading*|Installing*|Successfully*) echo "$${line:0:100}";; esac; done; \
	  $$pip -q --no-deps --no-build-isolation -e . -e emulator -e devcluster
	@rm -f $(VENV)/.installed* && touch $@
