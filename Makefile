# A person could also type each of these commands.
# `make run` and `make test` install everything first; they need only Python 3.11 or newer.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
SERVICES := chassis status inventory balances local
PROJECTS := $(SERVICES:%=services/%/pyproject.toml)
HELM := $(or $(shell command -v helm),.local/bin/helm)
PROMTOOL := $(if $(shell command -v promtool),,.local/bin/promtool)
EDITABLE := $(SERVICES:%=--editable services/%)

.PHONY: help install run test test-pooled test-browser screenshots soak test-charts e2e lint format docs charts images images-of e2e-images smoke bench lock clean clean-data

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed ## install every command and tool into .venv

# pip installs uv from the lock file; then uv installs the packages of the lock file and checks their hashes.
.venv/.installed: requirements.lock $(PROJECTS)
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Benchtop needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv .venv
	@awk '/^[^ ]/ {keep = /^uv==/} keep' requirements.lock > .venv/bootstrap.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement .venv/bootstrap.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(EDITABLE)
	@touch $@

run: install ## run everything at http://127.0.0.1:8000, with demo data; Ctrl-C stops it (PORT=9000 changes the port)
	@exec $(BIN)/benchtop

test: install ## run every test that needs no cluster, helm or promtool, with coverage per service
	$(BIN)/python -m pytest --numprocesses 2 --cov --cov-report= $(SERVICES:%=tests/%) tests/access tests/contract tests/docs tests/bench
	@if command -v pgbouncer >/dev/null; then $(MAKE) --no-print-directory test-pooled; else echo "The tests through PgBouncer were skipped: pgbouncer is not on PATH (Debian: apt-get install pgbouncer)."; fi
	@for service in $(SERVICES); do printf '%-10s' $$service; $(BIN)/coverage report --include="services/$$service/*" --format=total; done
	@echo "'make test-browser' tests the pages. 'make test-charts' tests the charts, the rules and the images. 'make e2e' tests everything on a cluster."

test-pooled: install ## run the database tests through PgBouncer in transaction mode
	POOLER=pgbouncer $(BIN)/python -m pytest --numprocesses 2 tests/chassis/database tests/inventory tests/balances

test-browser: install ## test every page in Chromium, and keep screenshots in .local/screenshots; needs chromium
	@command -v chromium >/dev/null || { echo "The pages are tested in Chromium; chromium is not on PATH (Debian: apt-get install chromium)." >&2; exit 1; }
	rm -rf .local/screenshots
	$(BIN)/python -m pytest --numprocesses 2 --tb short tests/browser

screenshots: install ## write the pictures of the READMEs into docs/screenshots; needs chromium
	$(BIN)/python -m tests.browser.screenshots

soak: install ## inject random faults for ten minutes, then run each attack for a minute; `make test` does so for a shorter time
	FAULT_SECONDS=600 $(BIN)/python -m pytest -s tests/faults
	ATTACK_SECONDS=60 ATTACK_ROWS=1000000 $(BIN)/python -m pytest -s tests/attacks

test-charts: export PATH := $(CURDIR)/.local/bin:$(PATH)
test-charts: install charts $(PROMTOOL) ## test the charts, the alert rules and the dashboards; needs helm and promtool, or Go to build them
	$(BIN)/python -m pytest --numprocesses 2 tests/charts tests/k8s tests/images

e2e: export PATH := $(CURDIR)/.local/bin:$(PATH)
e2e: install charts ## test everything on the cluster of the current kube context
	$(BIN)/python -m pytest -x -ra tests/e2e

lint: install charts ## run ruff (check and format), mypy strict, import-linter and helm lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(HELM) lint --strict --quiet charts/common charts/status
	$(HELM) lint --strict --quiet charts/inventory charts/balances --set database.existingSecret=database
	$(HELM) lint --strict --quiet charts/benchtop --set postgresql.enabled=true

format: install ## format the code with ruff
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: install ## write the tables of settings, metrics, routes and values from the code
	$(BIN)/python docs/tables.py
	$(BIN)/python charts/reference.py


.local/bin/helm:
	@command -v go >/dev/null || { echo "The charts need helm (https://helm.sh/docs/intro/install), or Go to build it; neither is on PATH." >&2; exit 1; }
	GOBIN=$(CURDIR)/.local/bin CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' helm.sh/helm/v4/cmd/helm@v4.3.1

# `go install` refuses promtool, because its module has replace directives.
.local/bin/promtool:
	@command -v go >/dev/null || { echo "The rules' tests need promtool, which comes with Prometheus, or Go to build it; neither is on PATH." >&2; exit 1; }
	mkdir -p $(@D) && cd "$$(mktemp -d)" && go mod init tools && go get github.com/prometheus/prometheus/cmd/promtool@v0.315.0 && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $(CURDIR)/$@ github.com/prometheus/prometheus/cmd/promtool

SOURCE := .

charts: $(HELM) ## copy into each chart the charts that it depends on
	@for chart in status inventory balances benchtop; do $(HELM) dependency build $(SOURCE)/charts/$$chart >/dev/null || exit 1; done

VERSION := $(shell sed -n 's/^appVersion: //p' charts/benchtop/Chart.yaml)
COMMIT := HEAD

images: ## build the images with docker, as benchtop/<service>:<version>
	@for service in status inventory balances; do (set -x; docker build --file $(SOURCE)/services/$$service/Dockerfile --build-arg VERSION=$(VERSION) --build-arg COMMIT=$$(git rev-parse $(COMMIT)) --tag benchtop/$$service:$(VERSION) $(SOURCE)) || exit 1; done

PREVIOUS := .local/previous

images-of: ## build the images of an older commit, and put its charts into .local/previous: make images-of COMMIT=... VERSION=...
	@test "$(origin COMMIT) $(origin VERSION)" = "command line command line" || { echo "Set COMMIT and VERSION: make images-of COMMIT=... VERSION=$(VERSION)-previous" >&2; exit 1; }
	rm -rf $(PREVIOUS) && mkdir -p $(PREVIOUS)
	git archive $(COMMIT) | tar -x -C $(PREVIOUS)
	$(MAKE) images charts SOURCE=$(PREVIOUS)

e2e-images: ## build the images that only make e2e needs
	docker build --tag benchtop/pgbouncer:e2e tests/e2e/pgbouncer
	docker build --tag benchtop/provider:e2e tests/e2e/provider

smoke: install ## run each image as a container, test its basic endpoints, and print its size
	$(BIN)/python -m pytest -rP tests/images/containers.py

bench: install ## run the benchmarks, and write the tables in docs/performance.md
	bench/run

COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --custom-compile-command "make lock" $(SERVICES:%=--no-emit-package benchtop-%)

lock: install ## write every requirements.lock from the pyproject.toml files (UPGRADE=--upgrade for newer versions)
	$(COMPILE) $(UPGRADE) --output-file requirements.lock --group pyproject.toml:dev $(PROJECTS)
	$(COMPILE) $(UPGRADE) --output-file services/requirements-image.lock --group pyproject.toml:image --constraint requirements.lock
	$(COMPILE) $(UPGRADE) --output-file bench/requirements.lock --constraint requirements.lock bench/requirements.in
	@for service in $(SERVICES); do (set -x; $(COMPILE) $(UPGRADE) --output-file services/$$service/requirements.lock services/$$service/pyproject.toml --constraint requirements.lock); done

clean: ## delete what install, test and the tools created; the data of make run stays
	rm -rf .venv .local/bin .local/bench-venv $(PREVIOUS) .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis .coverage*

clean-data: install ## list the data of make run, and delete it after a confirmation (YES=1 skips the confirmation)
	@$(BIN)/benchtop delete-data $(if $(YES),--yes)
