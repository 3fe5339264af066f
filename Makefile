# make app, make check, make test. Each installs what it needs into $(VENV), once: an installation is stamped with the
# checksum of the list it was made from, so that only a changed list (and never a fresh checkout) installs again.

PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin/python -m

key = $(shell cat $(1) | cksum | tr ' ' -)
APP := $(VENV)/.app-$(call key,requirements.txt)
DEV := $(VENV)/.dev-$(call key,requirements.txt requirements-dev.txt)
PEERS := $(VENV)/.peers-$(call key,requirements.txt requirements-dev.txt requirements-peers.txt)
TYPESCRIPT := 5.9.3
TSC := $(VENV)/.typescript-$(TYPESCRIPT)
LINK := $(VENV)/.gradlab-$(shell { pwd; cat pyproject.toml; } | cksum | tr ' ' -)
comma := ,
BROWSERS := chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help app check test coverage bench weights results lint setup browser postgres node clean

help:  ## list these commands
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/' | expand -t 12

app: $(APP) $(LINK)  ## install gradlab and serve it on http://127.0.0.1:8501
	$(RUN) streamlit run dashboard.py

check: $(DEV) $(LINK) lint  ## lint, format, types and the quick tests: about ten minutes on two cores
	$(RUN) pytest -q -m "not browser and not slow and not peers"

# Three parts: those without a browser; those with one, more at a time than there are cores, for they often wait; and
# those that write down how long things take, which run alone.
test: setup lint  ## everything, browser tests and comparison with other libraries included
	$(RUN) pytest -ra --durations=20 -m "not browser" -n auto --dist worksteal
	$(RUN) pytest -ra --durations=10 -m "not measures" -n 3 --dist worksteal tests/browser
	$(RUN) pytest -ra --durations=10 -m measures tests/browser

coverage: setup  ## how much of gradlab the quick tests run, at least the share that pyproject.toml names
	$(RUN) pytest -q -m "not slow and not peers" -n auto --dist worksteal --cov

bench: $(PEERS) $(LINK)  ## time a sweep against other libraries and the floor (options: make bench BENCH="--device cuda")
	$(RUN) benchmarks.peers $(BENCH)

weights: $(APP) $(LINK)  ## train all networks again, from the local store: hours; goes on where it was interrupted
	$(RUN) gradlab train --all --resume

results: $(APP) $(LINK)  ## measure all shipped networks again, over the full test splits: an hour
	$(RUN) gradlab paper --measure --save-baselines

clean:  ## remove the environment, caches and builds
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lint: $(DEV) $(TSC)
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	[ ! -e $(TSC) ] || $(VENV)/node_modules/.bin/tsc -p gradlab/ui/components/jsconfig.json

setup: $(DEV) $(PEERS) $(LINK) $(TSC) browser postgres

$(APP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "gradlab needs Python 3.11 or newer; $(PYTHON) is: $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install --disable-pip-version-check -r requirements.txt
	@rm -f $(VENV)/.app-* && touch $@

$(DEV): | $(APP)
	$(RUN) pip install --disable-pip-version-check -r requirements-dev.txt
	@rm -f $(VENV)/.dev-* && touch $@

# Without dependencies: torchattacks pins a version of requests that streamlit refuses.
$(PEERS): | $(DEV)
	$(RUN) pip install --disable-pip-version-check --no-deps -r requirements-peers.txt
	@rm -f $(VENV)/.peers-* && touch $@

# The command `gradlab`, and the package itself, taken from this very folder.
$(LINK): | $(APP)
	$(RUN) pip install --disable-pip-version-check --no-deps --quiet -e .
	@rm -f $(VENV)/.gradlab-* && touch $@

# The browser's scripts are JavaScript with their types in comments: TypeScript only reads them.
$(TSC): | $(APP) node
	@! command -v npm >/dev/null || { \
	  npm install --prefix $(VENV) --no-save --no-audit --no-fund --ignore-scripts typescript@$(TYPESCRIPT) && \
	  rm -f $(VENV)/.typescript-* && touch $@; }

define missing
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo="sudo -n"; fi; \
	if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	  $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -qq -y --no-install-recommends $(1) && exit 0; \
	fi; \
	echo "**********************************************************************"; \
	echo "No $(2)"; \
	echo "and none could be installed: $(3) WILL BE SKIPPED."; \
	echo "**********************************************************************"; \
	[ "$$CI" != true ]
endef

# Without a window, if Debian has it: that takes a fifth less of the processor.
BROWSER = $$(apt-cache show chromium-headless-shell >/dev/null 2>&1 && echo chromium-headless-shell || echo chromium)
browser:
	@for name in $(BROWSERS); do command -v $$name >/dev/null && exit 0; done; \
	$(call missing,$(BROWSER),browser found ($(BROWSERS)),THE BROWSER TESTS)

# The tests start a server of their own from the package's programs; the one that Debian may start is left alone.
postgres:
	@for folder in $$(dirname "$$(command -v initdb)") /usr/lib/postgresql/*/bin; do [ -x "$$folder/initdb" ] && exit 0; done; \
	$(call missing,postgresql,PostgreSQL found (initdb on the PATH$(comma) or in /usr/lib/postgresql),ITS TESTS)

node:
	@command -v npm >/dev/null && exit 0; \
	$(call missing,nodejs npm,npm found,THE CHECK OF THE SCRIPTS' TYPES)
