PYTHON ?= python3.11
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup demo test lint viz notebook bench bench-ingestion bench-curation bench-gcnn bench-signal clean lock

help:            ## list the targets
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/: .*##/:/'

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

setup: $(READY)  ## make .venv from the lock file

demo: $(READY)   ## run the whole benchmark on the synthetic corpus and name the report
	$(BIN)/kedro run

test: $(READY)   ## run the tests
	$(BIN)/python -m pytest

lint: $(READY)   ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

viz: $(READY)    ## open Kedro-Viz
	$(BIN)/kedro viz run

notebook: $(READY) ## open JupyterLab with the catalog loaded
	$(BIN)/kedro jupyter lab

bench: bench-ingestion bench-curation bench-gcnn ## run every benchmark

bench-ingestion: $(READY) ## time and memory of streaming GCTX to Parquet
	$(BIN)/python benchmarks/ingestion.py

bench-curation: $(READY) ## memory of curating 1.3 million profiles
	$(BIN)/python benchmarks/curation.py

bench-gcnn: $(READY) ## speed of graph and feed-forward networks against Spektral, PyTorch Geometric, scikit-learn, Keras
	$(BIN)/python benchmarks/gcnn.py

bench-signal: $(READY) ## whether the graph helps on corpora with and without a signal on it
	$(BIN)/python benchmarks/graph_signal.py

lock: $(READY)   ## resolve requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url --no-header pyproject.toml --output-file requirements.lock

clean:           ## remove what runs produced and caches; keep .venv and the raw files that you put into data/01_raw
	git clean -fdXq data/0[2-8]* data/01_raw/base data/01_raw/test
	rm -rf .viz build .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
