# Everything that one types in a clone. Needs Python 3.11 or newer, make and a package registry;
# the first call of a target makes .venv from the pinned, hashed lists in requirements/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test check conformance lock clean

help:  ## Show what there is
	@grep -hE '^[a-z.]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z.]+):.*## /\1\t/' | expand -t 14

demo: $(VENV)/.run  ## Load a retailer and run its shop: make demo ARGS="--size full --port 8123"
	@$(BIN)/charsu demo $(ARGS)

test: $(VENV)/.dev  ## Run every test but the thousand kills of `charsu torture`
	@.ci/test $(ARGS)

check: $(VENV)/.dev  ## What to run before each commit: linters, types, contracts, quick tests
	@.ci/check
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not (slow or torture or browser or fuzz or year)" $(ARGS)

conformance: $(VENV)/.dev  ## Let suites of others ask the shopping door what its protocol demands
	@$(BIN)/python -m tests.conformance.spck
	@$(BIN)/python -m tests.conformance.official

lock: $(VENV)/.dev  ## Write the pinned lists anew after a change of dependencies in pyproject.toml
	@$(PIP) install uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --extra year --group build \
		--output-file requirements/run.txt pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --extra year --group dev \
		--constraint requirements/run.txt --output-file requirements/dev.txt pyproject.toml

clean:  ## Throw the environment and what was built away; shops are kept
	@rm -rf $(VENV) build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Charsu needs Python 3.11 or newer; name one with PYTHON=python3.x" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# The project is installed without asking any index: what builds it is in the list, too.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Charsu runs on …"
	@$(PIP) install --no-deps --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "Installing what Charsu is tested with …"
	@$(PIP) install --no-deps --require-hashes -r requirements/dev.txt
	@touch $@
