# Thin on purpose: what each target does stands in the tools that it calls.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
RUNTIME := $(VENV)/.runtime
FLEET := $(VENV)/.fleet
VERSIONS := .ci/constraints.txt
SEEDS ?= 100
SEEDS_OF_FLEETS ?= 20
MERCHANTS ?= 200

.PHONY: setup upgrade demo fleet-demo test coverage chaos chaos-fleet check types codegen docs bench package clean

setup: $(READY)

# Installs once; again only when the project's dependencies change. The versions are the same on every machine.
$(READY): pyproject.toml $(VERSIONS)
	$(PYTHON) .ci/install.py $(VENV) dev
	touch $@ $(RUNTIME) $(FLEET)

# What a user installs, without the tools of development.
$(RUNTIME): pyproject.toml $(VERSIONS)
	$(PYTHON) .ci/install.py $(VENV) cli
	touch $@

$(FLEET): pyproject.toml $(VERSIONS)
	$(PYTHON) .ci/install.py $(VENV) cli,fleet
	touch $@ $(RUNTIME)

# Takes the newest versions that pyproject.toml allows, and writes them down.
upgrade:
	$(PYTHON) .ci/install.py $(VENV) dev,typing,bench --upgrade
	touch $(READY) $(RUNTIME) $(FLEET)

demo: $(RUNTIME)
	$(BIN)/python -m examples.demo

# A PostgreSQL, a sandbox with 50 merchants and three workers, of which one is killed.
fleet-demo: $(FLEET)
	$(BIN)/smartkasa fleet demo

# Neighbours run in one process, which makes once what they share; one that is through takes over from the other.
test: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal

# Of what runs in the tests' own processes; killed imports run in others.
coverage: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/chaos --cov --cov-report=term:skip-covered --cov-report=html

# With SEEDS killed imports, 12 in the tests, half as many killed syncs, 5 in the tests, and ten times as many drawn
# imports and pushes, 30 in the tests, and more drawn syncs. Most of their time is waiting, so four run at once.
chaos: setup
	CHAOS_SEEDS=$(SEEDS) $(BIN)/python -m pytest -n 4 tests/chaos $(wildcard tests/*/test_*properties.py)

# Fleets to which all goes wrong that can; prints a table of the faults that each seed survived. The tests have a small one.
chaos-fleet: setup
	$(BIN)/python -m tests.fleet.chaos --seeds $(SEEDS_OF_FLEETS) --merchants $(MERCHANTS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m codegen --check
	$(BIN)/python -m codegen.messages --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
ifneq ($(shell command -v npx),)
	REDOCLY_TELEMETRY=off npx --yes @redocly/cli@2.77.0 lint openapi/smartkasa.json --config openapi/redocly.yaml
endif

# What type checkers know of the package, and whether users' code passes pyright as strictly as mypy.
types: setup
	$(PYTHON) .ci/install.py $(VENV) dev,typing
	$(BIN)/python .ci/public_types.py

codegen: setup
	$(BIN)/python -m codegen
	$(BIN)/python -m codegen.messages

# Builds the site into build/site.
docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# With the generator of one of the clients that ours is compared with.
bench: setup
	$(PYTHON) .ci/install.py $(VENV) dev,bench
	-$(BIN)/python -m benchmarks --save  # ends with 1 where a goal is missed, which the page says too
	$(BIN)/python -m tests.docs.benchmarks_page

package:
	$(PYTHON) .ci/package.py

clean:
	rm -rf $(VENV)
