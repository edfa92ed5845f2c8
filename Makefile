# Everything a developer runs. A fresh clone needs git, make and Python 3.11 or newer; the rest is installed here.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
export PYTHON HATCHWAY_CHROMIUM UPGRADE

BIN := .venv/bin
ARGS ?=

# Without a display the demo service runs in the terminal instead, and no window needs libraries.
ifeq ($(shell uname -s)$(DISPLAY)$(WAYLAND_DISPLAY),Linux)
RUN := hatchway http demo
RUN_PACKAGES := python
else
RUN := hatchway
RUN_PACKAGES := python window
endif

.PHONY: help setup run test check format lock lambda gallery bench clean packages-for-setup packages-for-run packages-for-test

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do printf 'make %-8s %s\n' "$$name" "$$text"; done

setup: packages-for-setup .venv/.run-stamp ## Prepare .venv with the command .venv/bin/hatchway, and the libraries a window needs

run: packages-for-run .venv/.run-stamp ## Open the app (without a display: the demo service in the terminal)
	$(BIN)/$(RUN)

test: packages-for-test .venv/.dev-stamp ## Run all tests; ARGS="tests/app/agent -k reconnect" for some of them
	@scripts/ensure-chromium
	@$(BIN)/python -m compileall -q app backend_lambda tests/aws tests/e2e
	$(BIN)/pytest -n auto $(ARGS)

check: .venv/.dev-stamp ## Check format, style, types and import directions
	@status=0; for command in 'ruff format --check .' 'ruff check .' mypy lint-imports; do \
		echo "$(BIN)/$$command"; $(BIN)/$$command || status=1; done; exit $$status

format: .venv/.dev-stamp ## Format the sources and repair what ruff can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/.dev-stamp ## Regenerate the hashed requirement files; UPGRADE=1 moves to the newest versions
	@scripts/lock

lambda: ## Build dist/lambda.zip, the code of the AWS backend (infra/terraform/README.md)
	@"$$(scripts/find-python)" scripts/lambda-package

gallery: packages-for-test .venv/.dev-stamp ## Try apps that many people use, directly and through the tunnel; ARGS=jupyterlab for one
	@scripts/ensure-chromium
	$(BIN)/python -m tests.gallery $(ARGS)

bench: .venv/.dev-stamp ## Run the benchmarks
	$(BIN)/python -m bench $(ARGS)

clean: ## Remove caches and build outputs (the environments are .venv and .uv)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -path ./.venv -prune -o -path ./.uv -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

packages-for-setup:
	@scripts/system-packages python window

packages-for-run:
	@scripts/system-packages $(RUN_PACKAGES)

packages-for-test:
	@scripts/system-packages python window tests

SETUP_INPUTS := pyproject.toml scripts/setup scripts/uv.txt scripts/build.txt

.venv/.run-stamp: $(SETUP_INPUTS) requirements.txt
	@scripts/setup run

.venv/.dev-stamp: $(SETUP_INPUTS) requirements-dev.txt
	@scripts/setup dev
