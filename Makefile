# make help names the targets; those that need something installed set up what is missing.
# PYTHON=/path/to/python3.12 names the Python; otherwise the first that suits is taken.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# EXTRAS=all also installs the extras "great" and "argn" (language models), "slurm" and "ray".
EXTRAS ?=
ONLY ?=
EXTRAS_READY := $(if $(EXTRAS),$(VENV)/.ready-extras)
DOCS_READY := $(VENV)/.ready-docs
PIPELINES := real,traditional,preprocess,profile2gen,random_drop

.PHONY: run help setup test lint types contract check docs browser slurm pythons lock clean

run: setup ## the main job: sets up .venv, then compares five pipelines
	$(BIN)/tabsculpt sweep dataset=sklearn_diabetes generator=tvae pipeline=$(PIPELINES)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY) $(EXTRAS_READY) ## .venv with the locked packages; EXTRAS=all for every extra

# --no-deps: the lock is complete, and leaves out what its packages name but never import here
# (torchvision, spacy; see CONTRIBUTING.md).
$(READY): requirements.lock pyproject.toml
	python=$$(sh scripts/find_python.sh $(PYTHON)) && "$$python" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps -r requirements.lock
	@$(BIN)/python -c 'import torch' 2>/dev/null || \
		{ echo "this build of torch needs its own libraries"; $(BIN)/python -m pip install --quiet torch; }
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $(READY)

$(VENV)/.ready-extras: requirements-extras.lock $(READY)
	$(BIN)/python -m pip install --quiet --no-deps -r requirements-extras.lock
	touch $@

$(DOCS_READY): requirements-docs.lock $(READY)
	$(BIN)/python -m pip install --quiet --no-deps -r requirements-docs.lock
	touch $@

test: setup ## every check: lint, types, import contract, tests
	$(MAKE) lint types contract check

lint: ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: ## mypy --strict
	$(BIN)/mypy

contract: ## which folder may import which
	$(BIN)/lint-imports

# ONLY="extra or browser" runs the tests with these marks alone.
check: ## the tests; ONLY="extra or browser" for those with these marks
	$(BIN)/pytest -n 2 --dist loadgroup $(if $(ONLY),-m "$(ONLY)")

docs: $(DOCS_READY) ## the documentation as a site, in outputs/site; a broken link ends it
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@echo "outputs/site/index.html"

# The tests of the report draw it in Chromium, and are skipped without it.
browser: ## chromium, for the tests of the report
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then \
		echo "chromium is there"; \
	elif ! command -v apt-get >/dev/null; then \
		echo "install chromium and chromedriver: this system has no apt-get"; exit 1; \
	else \
		sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
		$$sudo apt-get update --quiet && $$sudo env DEBIAN_FRONTEND=noninteractive \
			apt-get install --yes --quiet --no-install-recommends chromium chromium-driver; \
	fi

# Starts a Slurm of its own, by root and from Debian's packages; where that cannot be, says so. What
# takes longer than its seven minutes says more of the machine than of the code.
slurm: setup ## the tests on a real Slurm of this machine, where one can be started
	@folder=$$(mktemp -d); trap 'scripts/single_node_slurm.sh stop '"$$folder"'; rm -rf '"$$folder" EXIT; \
	trap 'exit 143' INT TERM; \
	if ! timeout 120 scripts/single_node_slurm.sh start "$$folder"; then \
		echo "WARNING: no Slurm could be started: sweeps were not tested on one" >&2; exit 0; \
	fi; \
	code=0; SLURM_CONF=$$folder/slurm.conf TABSCULPT_SLURM=$$folder \
		timeout 420 $(BIN)/pytest -n 0 tests/launch/test_real_slurm.py || code=$$?; \
	if [ "$$code" = 124 ]; then \
		echo "WARNING: this machine is too slow for the tests on Slurm" >&2; exit 0; \
	fi; exit "$$code"

# Every Python of pyproject.toml can install the locks and read the code; downloads no package.
pythons: setup ## whether each supported Python can install the locks and read the code
	$(BIN)/python scripts/check_pythons.py

# Renews the locks; a pin that still fits stays as it is (delete its line to renew it).
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --prerelease disallow \
	--no-header --no-annotate pyproject.toml
CORE := --extra autogluon --extra sdv --extra figures --extra dev
lock: setup ## the locks anew; a pin that fits stays
	$(LOCK) $(CORE) -o requirements.lock
	cat requirements.lock requirements-extras.lock > $(VENV)/all.lock
	$(LOCK) --extra all --extra dev -c requirements.lock -o $(VENV)/all.lock
	grep -vxFf requirements.lock $(VENV)/all.lock > requirements-extras.lock
	cat requirements.lock requirements-docs.lock > $(VENV)/docs.lock
	$(LOCK) $(CORE) --extra docs -c requirements.lock -o $(VENV)/docs.lock
	grep -vxFf requirements.lock $(VENV)/docs.lock > requirements-docs.lock

clean: ## removes .venv and outputs
	rm -rf $(VENV) outputs
