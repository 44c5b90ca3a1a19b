# Every habit of the project, one word each. Needs only GNU make, sh and Python 3.11 or later.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3 || command -v python)
VENV := .venv
BIN := $(VENV)/bin
BENCH_VENV := .venv-bench
PORT ?= 8866

# Small problems run many times slower when the linear algebra spreads over threads.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
# As many test files at once as there are cores, up to four; one file's tests stay together with what they share,
# and long files do not come last for having few tests.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# Modules are compiled when they are first imported: most of what is installed never is.
PIP_INSTALL := -m pip --disable-pip-version-check install --quiet --no-compile

TEMPLATES := $(shell find share/jupyter/voila -type f)
BUILT_FROM := pyproject.toml hatch_build.py widgets/numbers.js widgets/live_chart.js planner/__init__.py $(TEMPLATES)

.PHONY: help app lab test test-unit test-browser lint types format docs pictures bench bench-app load lock clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name words; do \
		printf '  make %-14s %s\n' "$$name" "$$words"; done

app: $(VENV)/.installed ## open the planner in a browser, served on this machine only
	@$(ONE_THREAD) $(BIN)/planner app --port $(PORT)

lab: $(VENV)/.installed ## open JupyterLab on the notebooks
	@$(ONE_THREAD) $(BIN)/planner lab

test: $(VENV)/.installed $(VENV)/.chromium $(VENV)/.postgresql ## run every test: unit, notebook, browser, installation
	$(ONE_THREAD) $(BIN)/python -m pytest tests $(SIDE_BY_SIDE) --durations 15

test-unit: $(VENV)/.installed ## run the tests that need no browser, no kernel and no installation
	$(ONE_THREAD) $(BIN)/python -m pytest tests $(SIDE_BY_SIDE) -m "not browser and not notebook and not install and not docs"

test-browser: $(VENV)/.installed $(VENV)/.chromium ## run the tests in a real Chromium
	$(ONE_THREAD) $(BIN)/python -m pytest tests -m browser

lint: $(VENV)/.installed ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed ## check types
	$(BIN)/mypy

format: $(VENV)/.installed ## put the code into the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed ## build the site into build/docs, every warning an error
	$(BIN)/python -m sphinx -q -W --keep-going -j auto -c docs -d build/docs-trees . build/docs

pictures: $(VENV)/.installed $(VENV)/.chromium ## draw the landing page's cards and take the README's pictures anew
	@$(ONE_THREAD) $(BIN)/python docs/images/draw_cards.py
	@$(ONE_THREAD) $(BIN)/python docs/images/take.py

bench: $(VENV)/.installed $(VENV)/.chromium $(BENCH_VENV)/.installed ## measure against the neighbours and print a table
	@$(ONE_THREAD) $(BENCH_VENV)/bin/python -m tests.benchmarks optimiser
	@$(ONE_THREAD) $(BIN)/python -m tests.benchmarks app

bench-app: $(VENV)/.installed $(VENV)/.chromium ## measure the app in Chromium and print a table
	@$(ONE_THREAD) $(BIN)/python -m tests.benchmarks app

load: $(VENV)/.installed ## let 20 visitors move sliders at once and print a table
	@$(ONE_THREAD) $(BIN)/python -m tests.benchmarks load

lock: $(VENV)/.installed ## resolve the dependencies anew into requirements.lock
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--no-header --no-annotate --allow-unsafe --strip-extras \
		--extra app --extra desk --extra notebooks --extra ofx --extra parquet --extra postgres --extra sign --extra sources \
		--extra test --extra dev --extra docs -o requirements.lock pyproject.toml

clean: ## remove environments, caches and everything built
	rm -rf $(VENV) $(BENCH_VENV) build dist test-artifacts .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	rm -rf share/jupyter/labextensions/modern-portfolio/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@$(if $(PYTHON),:,echo "Python 3.11 or later is needed (on Debian: apt-get install python3 python3-venv)."; exit 1)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or later is needed; $(PYTHON) is older. Name another one: make PYTHON=/path/to/python3.11"; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv, then make again."; \
		exit 1; }
	@echo "Making the environment in $(VENV) (once, a few minutes) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.locked: requirements.lock $(VENV)/.created
	@$(BIN)/python $(PIP_INSTALL) --no-deps --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed: $(BUILT_FROM) $(VENV)/.locked
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# Debian's Chromium where we may install it, else the one Playwright brings.
$(VENV)/.chromium: $(VENV)/.locked
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; \
	then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests ..."; \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
			chromium fonts-liberation; \
	else \
		echo "Fetching Chromium for the browser tests ..."; \
		$(BIN)/playwright install chromium; \
	fi
	@touch $@

# Debian's PostgreSQL where we may install it, without the server that its package would start: the store's tests start
# one of their own, and are skipped where there is none.
$(VENV)/.postgresql: $(VENV)/.locked
	@if command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing PostgreSQL for the tests of the store ..."; \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
			postgresql-common && \
		sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf && \
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql; \
	fi
	@touch $@

# The neighbours lie over the project's own environment, so that neither can change a version of the other's.
$(BENCH_VENV)/.installed: tests/benchmarks/requirements.lock $(VENV)/.locked
	@$(BIN)/python -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -c 'import pathlib, subprocess, sysconfig; \
		below = subprocess.check_output(["$(BIN)/python", "-c", "import sysconfig; print(sysconfig.get_path(\"purelib\"))"], text=True).strip(); \
		pathlib.Path(sysconfig.get_path("purelib"), "below.pth").write_text(f"import site; site.addsitedir({below!r})\n")'
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) --no-deps --require-hashes -r tests/benchmarks/requirements.lock
	@touch $@
