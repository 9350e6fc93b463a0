# Everything runs in .venv, which the first target that needs it sets up.
# It is set up again only when settings.ini or setup.py has changed.
PYTHON ?= python3
RUN := .venv/bin/python
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
export PATH := $(CURDIR)/.venv/bin:$(PATH)
.DEFAULT_GOAL := help
.PHONY: help demo test bench docs preview notebooks export readme clean

help: ## list these targets
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1	\2/p' Makefile | expand -t 20

demo: .venv/ready ## run two memories of digits in the terminal, pictures into build/demo/
	@$(RUN) tools/demo.py nbs/demos/any_pixels.ipynb nbs/demos/recall.ipynb

test: .venv/ready ## check that all is in sync, test every notebook, build and browse the site (FLAGS= compiles as users do)
	@$(RUN) tools/test.py

bench: .venv/bench ## measure the speed side by side with the peers, on one core (installs PyTorch)
	@for f in bench/bench_*.py; do $(RUN) $$f || exit 1; done

docs: .venv/ready ## build the website into _docs/
	@$(RUN) tools/docs.py

preview: .venv/ready ## serve the website on localhost and rebuild it on every change
	@$(RUN) tools/docs.py --preview

notebooks: .venv/ready ## re-run every notebook (or NB="nbs/a.ipynb ...") and store its outputs
	@$(RUN) tools/notebooks.py $(NB)

export: .venv/ready ## notebooks to hamux_lit/*.py, clean metadata, README
	@nbdev_export && nbdev_clean
	@$(RUN) tools/readme.py

readme: .venv/ready ## README.md from nbs/index.ipynb
	@$(RUN) tools/readme.py

clean: ## remove all that the targets above have built, .venv too
	rm -rf .venv build dist _docs _proc *.egg-info nbs/nbdev.yml
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/ready: settings.ini setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "hamux_lit needs Python 3.11 or newer and '$(PYTHON)' is not: try make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make a virtual environment: on Debian and Ubuntu, apt install python3-venv"; exit 1; }
	@echo "setting up .venv (a few minutes, the first time only)"
	@test -x $(RUN) || $(PYTHON) -m venv .venv
	@$(RUN) -m pip install -qq --disable-pip-version-check -e ".[dev,demo]"
	@touch $@

.venv/bench: .venv/ready
	@$(RUN) -m pip install -qq --disable-pip-version-check -e ".[bench]"
	@touch $@
