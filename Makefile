# make book   build the site into _build/html
# make live   build the same site with a Python in it, so that readers run and change its code
# make test   run every test, the browser's included
# make test-live  build that site, and run its tests
# make test-browsers  run what matters to readers in Firefox and WebKit, as Debian brings them
# make lab    open the chapters in JupyterLab
# make serve  serve the built site on this machine, with its Python if it has one
# make zip    the site as one file that reads from a disk
# make pdf    the book as one PDF, in _build/pdf
# make lock   pin the newest versions that pyproject.toml allows; make outdated says which they are
# make test-lowest  test with the lowest versions that pyproject.toml allows
# make clean  remove what the above made, but not the set-up in .venv
#
# Set-up is part of each command and happens once. PYTHON=... picks the Python of the set-up,
# PORT=... where make serve listens, LAB=... gives options to JupyterLab: as root, as in a container,
# it asks for LAB=--allow-root. PYODIDE=... names a folder with a release of Pyodide, for make live and
# make test-live; else the pinned one is fetched, once.

VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
# Old packages warn of what newer ones have renamed since.
OLD := -W default::DeprecationWarning -W default::PendingDeprecationWarning
PORT ?= 8000
LAB ?=
PYODIDE ?=
RUNTIME := _build/runtime
BUILD := $(BIN)/jupyter-book build . -W -n --keep-going
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: book live test test-live test-browsers lab serve zip pdf lock outdated test-lowest notebooks clean again
.DEFAULT_GOAL := book

book: $(VENV)/.book
	@$(BUILD)
	@echo "The site is in $(CURDIR)/_build/html: open index.html, or run make serve."

live: $(VENV)/.book
	@$(BIN)/python tools/runtime.py $(if $(PYODIDE),"$(PYODIDE)")
	@LOSSBOOK_RUNTIME="$(CURDIR)/$(RUNTIME)" $(BUILD)
	@echo "The site is in $(CURDIR)/_build/html, with a Python in it. To run code it must be served: make serve."

test: $(VENV)/.test
	@$(BIN)/python tools/find_chromium.py --install
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . || { echo \
	  "\`$(BIN)/ruff format .\` and \`$(BIN)/ruff check --fix .\` mend what needs no author." >&2; exit 1; }
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder

test-live: $(VENV)/.test
	@$(BIN)/python tools/find_chromium.py --install
	@$(BIN)/python tools/runtime.py $(if $(PYODIDE),"$(PYODIDE)")
	@LOSSBOOK_RUNTIME="$(CURDIR)/$(RUNTIME)" $(BIN)/python -m pytest tests/live

test-browsers: $(VENV)/.test
	@LOSSBOOK_ENGINES="firefox webkit" $(BIN)/python -m pytest tests/browsers

# JupyterLab takes where it is installed for a pattern, in which brackets mean something else: it gets
# a name for it that has none.
lab: $(VENV)/.book
	@link=$$(mktemp -d) && trap 'rm -rf "$$link"' EXIT INT TERM && ln -s "$$PWD/$(VENV)" "$$link/env" && \
	  "$$link/env/bin/python" -m jupyterlab --LabApp.app_dir="$$link/env/share/jupyter/lab" \
	  --LabApp.default_url=/lab/tree/chapters $(LAB)

serve: PYODIDE := $(RUNTIME)
serve: $(if $(wildcard _build/html/_static/live),live,book)
	@echo "http://127.0.0.1:$(PORT)/ (Ctrl-C stops; where the port is taken: make serve PORT=8001)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

zip: book
	@$(BIN)/python tools/zip_site.py

pdf: $(VENV)/.test book
	@$(BIN)/python tools/find_chromium.py --install
	@$(BIN)/python tools/print_book.py

# Run each notebook, store its text outputs, and take out all that is not the course's.
notebooks: $(VENV)/.test
	@$(BIN)/python tools/notebooks.py

lock: $(VENV)/.test
	@$(BIN)/python tools/lock.py
	@$(BIN)/python tools/runtime.py --lock

outdated: $(VENV)/.test
	@$(BIN)/python tools/lock.py --outdated

# In an environment of its own; the browser's tests are about the pinned versions.
test-lowest: $(VENV)/.test
	@$(BIN)/uv --quiet venv --clear --seed --python $(BIN)/python $(LOWEST)
	@$(BIN)/uv --quiet pip install --python $(LOWEST) --resolution lowest-direct --editable ".[book,test]"
	@$(LOWEST)/bin/python -m pytest $(OLD) --numprocesses=auto --dist=loadfile --ignore=tests/browser --ignore=tests/test_setup.py

clean:
	@rm -rf _build build dist *.egg-info .pytest_cache .ruff_cache .hypothesis $(LOWEST)

# The set-up. Each stamp is newer than what it installs. One that came here with its folder is of no
# use, since its programs name the place they were made for; nor is one whose Python has gone.
UNFIT := $(shell cd $(VENV) 2>/dev/null && test -e .book && { test -x bin/python && \
  { test ! -s .book || test "$$(cat .book)" = "$$(pwd -P)"; } || echo --clear; })

$(VENV)/.book: requirements.txt pyproject.toml $(UNFIT:--clear=again)
	@python=$$(sh tools/find_python.sh $(PYTHON)) && $$python -m venv $(UNFIT) $(VENV)
	@echo "Setting up in $(VENV): this takes a few minutes, once."
	@$(PIP) --requirement requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@(cd $(VENV) && pwd -P) > $@

$(VENV)/.test: $(VENV)/.book requirements-test.txt
	@$(PIP) --requirement requirements-test.txt
	@$(BIN)/python tools/find_chromium.py --lean || true
	@touch $@
