# Two commands are all a newcomer needs: `make demo` and `make test`. Each sets up .venv by itself.

BIN := .venv/bin
COMPILE := uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help demo up test test-matrix check lint format lock chaos fuzz bench soak clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo:  ## Trunkline with emulated platforms: no account, no settings, no server needed
	@scripts/setup.sh runtime
	@$(BIN)/trunkline demo

up:  ## the gateway with the settings of ./trunkline.toml
	@scripts/setup.sh runtime
	@$(BIN)/trunkline up

test:  ## all tests whose servers this machine has; says what did not run, and what it lacks
	@scripts/setup.sh dev
	@$(BIN)/python -m tests

test-matrix:  ## tests on three Pythons, Redis and Valkey; MATRIX="3.12/redis 3.13/valkey" TESTS=tests/store
	@MATRIX="$(MATRIX)" TESTS="$(TESTS)" scripts/test-matrix.sh

check: lint test  ## the whole gate: lint and test

lint:  ## formatting, lint rules, types, and the direction of imports
	@scripts/setup.sh dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format:  ## rewrite the code in the project's format
	@scripts/setup.sh dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## pin every dependency again within pyproject.toml's ranges (needs uv); UPGRADE=1 for newest
	$(COMPILE) pyproject.toml --extra all $(if $(UPGRADE),--upgrade) --output-file locks/requirements.txt
	$(COMPILE) pyproject.toml --all-extras --group dev --constraints locks/requirements.txt --output-file locks/dev.txt
	$(COMPILE) bench/peers/requirements.in $(if $(UPGRADE),--upgrade) --output-file locks/peers.txt
	@! grep -n '://' locks/*.txt

chaos:  ## 300 histories in which everything goes wrong (SEEDS=1-300), and kill -9 and SIGSTOP at every step (an hour)
	@scripts/setup.sh dev
	@$(BIN)/python -m tests.histories --seeds $(or $(SEEDS),1-300) --jobs 2
	@CHAOS=1 $(BIN)/pytest tests/crash
	@FREEZING=1 $(BIN)/pytest tests/store

fuzz:  ## the property tests with many more examples, and Discord with many more broken frames
	@scripts/setup.sh dev
	@$(BIN)/pytest --hypothesis-profile=fuzz --timeout=1800 tests/unit tests/store tests/contract \
		tests/e2e/discord

bench:  ## measure everything (25 minutes) and write docs/benchmarks.md; exit code 1 if something does not hold
	@scripts/setup.sh dev
	@scripts/setup.sh peers || echo "the other projects cannot be installed: nothing is measured beside them"
	@$(BIN)/python -m bench

soak:  ## half an hour of a gateway's work, and what it holds afterwards; MINUTES=5 RATE=4 KEEP=1
	@scripts/setup.sh dev
	@MINUTES=$(MINUTES) RATE=$(RATE) $(BIN)/python -m bench soak $(if $(KEEP),--keep)

clean:  ## remove everything that make made
	rm -rf .venv .build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
