# Kontor. `make help` is the map.
VENV ?= .venv
PYTEST = $(VENV)/bin/python -m pytest
SETUP = deploy/setup/setup.sh --venv $(VENV)
UV ?= uv
UV_COMPILE = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet

.DEFAULT_GOAL := help
.PHONY: help setup events demo run test test-fast lint ui bench verify requirements clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what running needs into .venv (quick when nothing changed)
	@$(SETUP) run

demo: setup ## Play one deal from quote to paid through HTTP, then keep serving
	@$(VENV)/bin/kontor demo

run: setup ## Start Kontor in one process on http://127.0.0.1:8080
	@$(VENV)/bin/kontor run

test: ## Everything: lint, unit, interface, scenario, fault, browser, architecture
	@$(SETUP) test
	@$(MAKE) --no-print-directory lint
	$(PYTEST) -q -n 2 --dist loadfile -m "not scenario and not fault"
	$(PYTEST) -q -m "scenario or fault"

test-fast: ## Unit and architecture tests only (no server is started)
	@$(SETUP) test
	$(PYTEST) -q -m "not interface and not scenario and not fault and not browser"

lint: ## ruff, mypy, import-linter
	@$(SETUP) test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

ui: ## Build stylesheets and scripts
	@$(SETUP) ui

bench: ## Measure, print a table, write tests/benchmarks/results/latest.json
	@$(SETUP) test
	$(VENV)/bin/python -m tests.benchmarks

verify: setup ## Prove on the local data that the number series have no gap
	@$(VENV)/bin/kontor verify numbers

requirements: ## Pin and hash the Python requirements anew (needs uv)
	cd deploy/requirements && $(UV_COMPILE) test.in -o test.txt
	cd deploy/requirements && $(UV_COMPILE) runtime.in -c test.txt -o runtime.txt
	cd deploy/requirements && $(UV_COMPILE) build.in -o build.txt
	cd deploy/requirements && $(UV_COMPILE) ui.in -o ui.txt

events: setup ## Write the table of events into ARCHITECTURE.md
	@$(VENV)/bin/python -m kontor_messages ARCHITECTURE.md

clean: ## Remove what was built (keeps ./data)
	rm -rf .venv .build services/portal-gateway/ui/node_modules services/portal-gateway/src/portal_gateway/static/dist
