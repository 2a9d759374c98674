.DEFAULT_GOAL := help
.PHONY: help setup demo up down status token test test-deep chaos test-charts check fmt bench proto docs chart images sbom lock clean
PYTHON := .venv/bin/python
# Which development stack, for up, down, status and token.
NAME ?= default
TENANT ?= dev
CODE := libs/cli libs/client libs/rules libs/service_kit libs/contracts/generate.py services dev images bench tests

help: ## Print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## Make .venv and what else is needed; every target below does this by itself
	@sh dev/setup.sh

demo: setup ## Replay two shops through the platform, show what came out, stay up (FULL=1 EXIT=1 SUMMARY=file)
	@$(PYTHON) -m dangol_dev.demo

up: setup ## Run a development stack in the foreground (NAME=default REPLICAS=1)
	@$(PYTHON) -m dangol_dev up --name $(NAME) --replicas $(or $(REPLICAS),1)

down: setup ## Stop the development stack (NAME=default)
	@$(PYTHON) -m dangol_dev down --name $(NAME)

status: setup ## Print which processes of the stack run, and their addresses (NAME=default)
	@$(PYTHON) -m dangol_dev status --name $(NAME)

token: setup ## Print a token (ROLE=marketer TENANT=dev SUBJECT=customer-id NAME=default)
	@$(PYTHON) -m dangol_dev token --name $(NAME) --tenant $(TENANT) --role $(or $(ROLE),marketer) $(if $(SUBJECT),--subject $(SUBJECT))

test: setup ## Run unit, integration and end-to-end tests with real servers (ARGS=pytest options)
	@sh dev/chart_tools.sh
	@$(PYTHON) -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not deep and not matrix and not web" $(ARGS)

test-deep: setup ## Run the long statistical and randomised tests (ARGS=pytest options)
	@$(PYTHON) -m pytest -n 2 --dist loadfile -m deep $(ARGS)

chaos: setup ## Kill services and database nodes under 50,000 calls, then judge every answer (8 minutes)
	@$(PYTHON) -m pytest -m deep -s -q tests/integration/offers/chaos

test-charts: setup ## Run the long tests of the chart: every values file on every Kubernetes (ARGS=pytest options)
	@sh dev/chart_tools.sh
	@$(PYTHON) -m pytest -n 2 --dist loadfile -m matrix tests/charts $(ARGS)

test-web: setup ## Run what needs Node.js or Chromium: suites and clients of others, the storefront (ARGS=pytest options)
	@sh dev/web_tools.sh
	@$(PYTHON) -m pytest -m web tests/web $(ARGS)

check: setup ## Compare generated files with their sources, then lint, types and house rules
	@$(PYTHON) dev/check.py

fmt: setup ## Format the code and fix what the linter can
	@$(PYTHON) -m ruff check --fix --quiet $(CODE)
	@$(PYTHON) -m ruff format $(CODE)

bench: setup ## Measure, each figure beside its ceiling (ONLY=name JSON=file)
	@$(PYTHON) -m bench

proto: setup ## Generate libs/contracts from proto/, and lint proto/
	@$(PYTHON) libs/contracts/generate.py libs/contracts/src

docs: setup ## Write what is written from the code: docs/errors.md, docs/segments.md, the GraphQL schema
	@$(PYTHON) -m dangol_dev.error_table
	@$(PYTHON) -c "from segmentation_service.starter_page import starter_page as page; print(page(), end='')" > docs/segments.md
	@$(PYTHON) -m gateway_service.schema

chart: setup ## Write the chart's README, alerts and dashboards; lint the chart and the Dockerfile
	@sh dev/chart_tools.sh
	@$(PYTHON) -m dangol_dev.monitoring
	@$(PYTHON) -m dangol_dev.chart_readme
	@.tools/bin/helm lint --strict charts/dangol
	@.tools/venv/bin/hadolint Dockerfile

images: ## Build the images with docker, podman or buildah (REGISTRY= TAG= PYTHON_IMAGE=name@sha256:... ENGINE=)
	@sh dev/images.sh

sbom: setup ## Write what is in each image as CycloneDX (DIRECTORY=.tools/sbom)
	@sh dev/chart_tools.sh
	@.tools/venv/bin/python dev/sbom.py $(or $(DIRECTORY),.tools/sbom)

lock: setup ## Rewrite the lock files (UPGRADE=1: newest versions)
	@sh dev/lock.sh

clean: ## Remove .venv, .tools, caches and the state of stopped development stacks
	@for stack in .dangol/*/; do [ ! -d "$$stack" ] || flock -n "$$stack/lock" rm -rf "$$stack"; done
	@rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
