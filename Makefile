# The two targets a newcomer needs: `make demo` and `make test`. They need Python 3.11+, git and make.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
export DJANGO_SETTINGS_MODULE := touchstone.config.settings

.PHONY: demo demo-reset test check format lock environment

demo: .venv/.installed ## A simulated bank on http://127.0.0.1:8000/
	@$(BIN)/touchstone demo --port $(PORT)

demo-reset: .venv/.installed ## Begin the demonstration anew
	@$(BIN)/touchstone demo --port $(PORT) --fresh

test: .venv/.installed-dev check ## Everything; what this machine lacks is skipped with a reason
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
	@$(BIN)/python -m tests.on_postgresql

check: .venv/.installed-dev ## Style, layers and types, without running anything
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint src --lint --quiet

format: .venv/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/.installed-dev ## After a change of the shipped content: its lock written again
	$(BIN)/touchstone pack lock src/touchstone/content/fsqms-cn

environment: .venv/.installed-dev

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv

.venv/.installed: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.installed-dev: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ .venv/.installed
