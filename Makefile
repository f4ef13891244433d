# One line per task; `make` alone lists them.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup check test fmt bench bench-quick bench-detection bench-safety up goldens pictures wheel lock
help: ## list the tasks
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12
$(STAMP): pyproject.toml requirements/locked.txt requirements/oracles.txt
	$(PY) -m venv $(VENV) && $(BIN)/pip install -q --require-hashes -r requirements/locked.txt && $(BIN)/pip install -q --require-hashes --no-deps -r requirements/oracles.txt && $(BIN)/pip install -q --no-deps -e . && touch $@
setup: $(STAMP) ## install everything into .venv
check: $(STAMP) ## lint, types, floors, house rules, proofs, spelling
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/pytest -p no:randomly -n auto --maxprocesses 4 --dist worksteal tests/house tests/guard/test_proofs.py tests/guard/test_exhaustive.py tests/guard/acting/test_acting_proofs.py && $(BIN)/typos
test: $(STAMP) ## pass every test whose tools are present, naming the others
	$(BIN)/pytest -rfEs -n auto --maxprocesses 4 --dist worksteal
wheel: $(STAMP) ## build the wheel and run it from an empty environment
	rm -rf dist && $(BIN)/uv build --wheel -q -o dist && $(BIN)/uvx --no-config -q --from dist/*.whl counterfoil report --example
lock: ## renew the files of requirements/
	$(BIN)/uv pip compile pyproject.toml --universal --no-strip-extras --extra parquet --extra server --extra agents --extra postgresql --extra dev --generate-hashes --no-header --no-annotate -q -o requirements/locked.txt && $(BIN)/uv pip compile requirements/oracles.in --universal --no-strip-extras --no-deps --generate-hashes --no-header --no-annotate -q -o requirements/oracles.txt && $(BIN)/uv pip compile requirements/agentdojo.in --universal --no-strip-extras --generate-hashes --no-header --no-annotate -q -o requirements/agentdojo.txt
fmt: $(STAMP) ## format and fix
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .
bench: $(STAMP) ## side by side with peers; results in .bench/*.json, told in docs/benchmarks.md
	$(BIN)/python -m bench
bench-quick: $(STAMP) ## the short form of the benchmarks
	$(BIN)/python -m bench --quick
bench-detection: $(STAMP) ## how good detection is, over many seeds; writes the figures of docs/detection.md
	$(BIN)/python -m bench.detection
bench-safety: $(STAMP) ## attacks on agents, replayed with no model; writes the figures of docs/agent-safety.md
	$(BIN)/python -m bench.safety
goldens: $(STAMP) ## rewrite the golden files; read the diff
	COUNTERFOIL_GOLDENS=write $(BIN)/pytest -q -k golden
pictures: $(STAMP) ## renew the pictures in docs/images that a browser takes
	COUNTERFOIL_PICTURES=write $(BIN)/pytest -q -k pictures
up: $(STAMP) ## set everything up, and serve an invented company and, apart from it, the report on this machine
	$(BIN)/counterfoil serve --example --report
