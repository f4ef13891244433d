# One line per task; `make` alone lists them.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

.PHONY: help setup check test fmt bench up goldens clean
help: ## list the tasks
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12
$(STAMP): pyproject.toml requirements/locked.txt
	$(PY) -m venv $(VENV) && $(BIN)/pip install -q --require-hashes -r requirements/locked.txt && $(BIN)/pip install -q --no-deps -e . && touch $@
setup: $(STAMP) ## install everything into .venv
check: $(STAMP) ## lint, types, floors, house rules, spelling
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/pytest -p no:randomly tests/house && $(BIN)/typos
test: $(STAMP) ## pass every test whose tools are present, naming the others
	$(BIN)/pytest -m "not slow" -rs
fmt: $(STAMP) ## format and fix
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .
bench: $(STAMP) ## side by side with peers; writes docs/benchmarks.md
	$(BIN)/python -m bench
goldens: $(STAMP) ## rewrite the golden files; read the diff
	COUNTERFOIL_GOLDENS=write $(BIN)/pytest -q -k golden
up: $(STAMP) ## set everything up and report on this machine's logs
	$(BIN)/counterfoil
