# jixiao (绩效). `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= practice-year

.PHONY: help demo test lint lock clean bench bench-workers
.DEFAULT_GOAL := help

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / — /'

$(VENV)/.runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("需要 Python 3.11 或更高版本 / Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.runtime  ## run a whole practice year (一个完整的演练年度) into ./practice-year
	$(BIN)/jixiao demo --home $(HOME_DIR)

test: $(VENV)/.dev lint  ## lint, types, import contracts and every test
	$(BIN)/python -m pytest -q

lint: $(VENV)/.dev  ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## time our reader and others side by side on the same files
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	$(BIN)/python tests/bench/bench_reading.py

bench-workers: $(VENV)/.dev  ## time reading and scoring with one worker and with two, on PostgreSQL
	$(BIN)/python tests/bench/bench_workers.py

lock: $(VENV)/.dev  ## resolve the locks anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate pyproject.toml requirements-build.in -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --extra dev pyproject.toml requirements-build.in -c requirements.lock -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --extra ocr pyproject.toml requirements-build.in -c requirements-dev.lock -o requirements-ocr.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --extra bench pyproject.toml requirements-build.in -c requirements-ocr.lock -o requirements-bench.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --extra s3 pyproject.toml requirements-build.in -c requirements-dev.lock -o requirements-s3.lock

clean:  ## remove caches and the practice year, not the environment
	rm -rf $(HOME_DIR) build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
