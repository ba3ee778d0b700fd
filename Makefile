# leermix. `make up` starts it, `make help` says what else there is.
# A fresh machine needs Python 3.11 or later with venv, make and git. PYTHON=python3.12 chooses another Python.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

V := .venv
UV = $(V)/bin/uv
INSTALL = $(UV) pip install --python $(V)/bin/python --require-hashes
PROJECT = $(UV) pip install -q --python $(V)/bin/python --no-deps --no-build-isolation --editable .
LOCK = $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(ARGS)

.PHONY: help
help:  ## show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1 /' | while read -r name what; do printf '  make %-12s %s\n' "$$name" "$$what"; done

# --- using it

.PHONY: up
up: $(V)/.product  ## start leermix here, with its own PostgreSQL; Ctrl-C stops it
	@exec $(V)/bin/leermix up

.PHONY: up-kafka
up-kafka: $(V)/.local  ## the same in distributed form: Kafka, PostgreSQL, three services, one origin
	@exec $(V)/bin/leermix up-kafka

.PHONY: demo
demo: $(V)/.product  ## send a month of a hospital into what runs here (STATEMENTS=file.jsonl: your own statements)
	@exec $(V)/bin/leermix demo $(if $(STATEMENTS),--statements "$(STATEMENTS)")

.PHONY: install
install: $(V)/.local  ## make the environment; the command is then .venv/bin/leermix

# --- changing it

.PHONY: test
test: check  ## everything a change must pass, with a real PostgreSQL and a real Kafka (the long faults: make faults)
	@if $(V)/bin/python -m services.local.kafka_fetch; then \
	  $(V)/bin/pytest -rs --durations=15 -m 'not slow' $(ARGS); \
	elif [ "$$CI" = true ]; then \
	  echo "Apache Kafka could not be fetched, and CI does not go without it" >&2; exit 1; \
	else \
	  echo "NOT RUN, because Apache Kafka could not be fetched:"; \
	  $(V)/bin/pytest --collect-only -m kafka | grep ::; \
	  $(V)/bin/pytest -rs --durations=15 -m 'not kafka and not slow' $(ARGS); \
	fi

.PHONY: check
check: $(V)/.dev  ## style, types, the direction of imports, the Dockerfile
	$(V)/bin/ruff check
	$(V)/bin/ruff format --check
	$(V)/bin/mypy
	$(V)/bin/lint-imports
	$(V)/bin/hadolint deploy/Dockerfile

.PHONY: faults
faults: $(V)/.dev  ## 30 rounds of kill -9 and worse, in both modes (LEERMIX_FAULT_ROUNDS), and the large world
	@LEERMIX_FAULT_ROUNDS=$${LEERMIX_FAULT_ROUNDS:-30} $(V)/bin/pytest -rs tests/faults $(ARGS)
	@$(V)/bin/pytest -rs -m slow tests/integration/analytics/world

.PHONY: bench
bench: $(V)/.dev  ## what a statement costs, in both modes
	@$(V)/bin/python -m bench $(ARGS)

.PHONY: clean
clean:  ## remove the environment and every cache; data (.data) stays
	rm -rf $(V) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment: locked, with hashes; each file is there when its part is complete

$(V)/.uv: requirements-uv.lock
	@python=$$(for each in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14); do \
	  if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$each"; break; fi; done); \
	if [ -z "$$python" ]; then \
	  echo "leermix needs Python 3.11 or later; found: $$($(or $(PYTHON),python3) --version 2>&1). Choose one with PYTHON=python3.12" >&2; exit 1; fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; fi; \
	echo "Making the Python environment in $(V) with $$("$$python" --version) (once)"; \
	"$$python" -m venv $(V)
	@$(V)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(V)/.product: $(V)/.uv requirements.lock pyproject.toml
	@echo "Installing leermix (locked, with checksums)"
	@$(INSTALL) -r requirements.lock
	@$(PROJECT)
	@touch $@

$(V)/.local: $(V)/.product requirements-local.lock
	@echo "Installing what the distributed form on one machine needs: a Java runtime, the gateway"
	@$(INSTALL) -r requirements-local.lock
	@touch $@

$(V)/.dev: $(V)/.local requirements-dev.lock
	@echo "Installing what contributors need"
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

.PHONY: lock
lock: $(V)/.uv  ## write the lock files anew from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(LOCK) pyproject.toml --group dev --extra local -o requirements-dev.lock
	@$(LOCK) pyproject.toml --group build -c requirements-dev.lock -o requirements.lock
	@$(LOCK) pyproject.toml --group build --extra local -c requirements-dev.lock -o requirements-local.lock
	@$(LOCK) --group pyproject.toml:uv -o requirements-uv.lock
