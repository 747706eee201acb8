PYTHON ?= python3.11
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup demo test estimate lint viz viz-static lineage picture notebook bench bench-ingestion bench-curation bench-gcnn bench-knn bench-search bench-statistics bench-report bench-signal bench-scale download clean lock

help:            ## list the targets
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/: .*##/:/'

$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

setup: $(READY)  ## make .venv from the lock file

demo: $(READY)   ## run the whole benchmark on the synthetic corpus and name the report
	$(BIN)/kedro run

download: $(READY) ## fetch a corpus's or a graph's public files: make download CORPUS=gse92742
	@cd conf/base/parameters && grep -qs '^    download:' corpora/$(CORPUS).yml graphs/$(CORPUS).yml || { \
		echo "Name what to fetch, as in make download CORPUS=gse92742; there are" \
		$$(grep -l '^    download:' corpora/*.yml graphs/*.yml | sed 's|.*/||; s|\.yml||'). >&2; exit 1; }
	$(BIN)/kedro run --pipelines=download --namespaces=download.$(CORPUS)

test: $(READY)   ## run the tests
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder

ENV ?= lincs
estimate: $(READY) ## hours and memory of every cell of the lincs grid on this machine (ENV=... for another grid)
	$(BIN)/kedro run --env=$(ENV) --pipelines=estimate

lint: $(READY)   ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Kedro-Viz with all datasets between the pipelines is a web of hundreds; this shows the pipelines as a few boxes, and
# what is between them when it is asked for. KEDRO_ENV=mini before the command shows another environment.
BOXES := ?types=nodes
viz: $(READY)    ## serve Kedro-Viz, with the last run's seconds under "Workflow"
	@echo "Open http://127.0.0.1:4141/$(BOXES)"
	PYTHONWARNINGS=ignore $(BIN)/kedro viz run --no-browser

viz-static: $(READY) ## build Kedro-Viz with previews into build/, to be put on any web server
	rm -rf build
	PYTHONWARNINGS=ignore $(BIN)/kedro viz build --include-previews
	sed -i.whole 's|<head>|<head><script>if(!location.search)location.search="$(BOXES)"</script>|' build/index.html
	rm build/index.html.whole
	@echo "See it with: python3 -m http.server --directory build"

lineage: $(READY) ## draw docs/lineage.svg anew from the pipelines
	$(BIN)/python -m l1000_bench.lineage docs/lineage.svg

picture: $(READY) ## take docs/report.png anew of the demo's report
	$(BIN)/python benchmarks/report_picture.py data/08_reporting/base/report.html docs/report.png

notebook: $(READY) ## open JupyterLab with the catalog loaded
	$(BIN)/kedro jupyter lab

bench: bench-ingestion bench-curation bench-gcnn bench-knn bench-search bench-statistics bench-report $(if $(L1000_SHARED),bench-scale) ## run every benchmark

bench-ingestion: $(READY) ## time and memory of reading GCTX, against cmapPy, h5py, cat and gzip
	$(BIN)/python benchmarks/ingestion.py

bench-curation: $(READY) ## memory of curating 1.3 million profiles
	$(BIN)/python benchmarks/curation.py

bench-gcnn: $(READY) ## speed of graph and feed-forward networks against Spektral, PyTorch Geometric, scikit-learn, Keras
	$(BIN)/python benchmarks/gcnn.py

bench-knn: $(READY) ## speed and memory of exact nearest neighbours against scikit-learn and faiss
	$(BIN)/python benchmarks/knn.py

bench-search: $(READY) ## what a search costs beside its fits, and what a second worker brings, here and on Dask
	$(BIN)/python benchmarks/search.py

bench-statistics: $(READY) ## how often every test finds a difference where there is none, and where there is one
	$(BIN)/python benchmarks/significance.py

bench-report: $(READY) ## size of the report, and how soon it is open in headless Chromium
	$(BIN)/python benchmarks/report_page.py

bench-signal: $(READY) ## whether the graph helps on corpora with and without a signal on it
	$(BIN)/python benchmarks/graph_signal.py

bench-scale: $(READY) ## ingestion and curation of 500,599 profiles with real metadata (needs L1000_SHARED)
	$(BIN)/python benchmarks/scale.py

lock: $(READY)   ## resolve requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url --no-header pyproject.toml --output-file requirements.lock

clean:           ## remove what runs produced and caches; keep .venv, and what you put into data/01_raw and data/06_models/*/external
	find data/0[2-8]* data/01_raw/base data/01_raw/test -path 'data/06_models/*/external' -prune -o -type f ! -name .gitkeep -exec rm {} + 2>/dev/null || true
	find data -mindepth 2 -type d -empty -delete
	rm -rf .viz build .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
