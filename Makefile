# make run: the main job. make test: every check. Both set up what is missing.
# PYTHON=/path/to/python3.12 names the Python; otherwise the first that suits is taken.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# EXTRAS=all also installs the extras "great" and "argn" (language models), "slurm" and "ray".
EXTRAS ?=
ONLY ?=
EXTRAS_READY := $(if $(EXTRAS),$(VENV)/.ready-extras)
PIPELINES := real,traditional,preprocess,profile2gen,random_drop

.PHONY: run setup test lint types contract check browser pythons lock clean

run: setup
	$(BIN)/tabsculpt sweep dataset=sklearn_diabetes generator=tvae pipeline=$(PIPELINES)

setup: $(READY) $(EXTRAS_READY)

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

test: setup
	$(MAKE) lint types contract check

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

contract:
	$(BIN)/lint-imports

# ONLY="extra or browser" runs the tests with these marks alone.
check:
	$(BIN)/pytest -n 2 --dist loadgroup $(if $(ONLY),-m "$(ONLY)")

# The tests of the report draw it in Chromium, and are skipped without it.
browser:
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then \
		echo "chromium is there"; \
	elif ! command -v apt-get >/dev/null; then \
		echo "install chromium and chromedriver: this system has no apt-get"; exit 1; \
	else \
		sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
		$$sudo apt-get update --quiet && $$sudo env DEBIAN_FRONTEND=noninteractive \
			apt-get install --yes --quiet --no-install-recommends chromium chromium-driver; \
	fi

# Every Python of pyproject.toml can install the locks and read the code; downloads no package.
pythons: setup
	$(BIN)/python scripts/check_pythons.py

# Renews both locks; a pin that still fits stays as it is (delete its line to renew it).
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --prerelease disallow \
	--no-header --no-annotate pyproject.toml
lock: setup
	$(LOCK) --extra autogluon --extra sdv --extra figures --extra dev -o requirements.lock
	cat requirements.lock requirements-extras.lock > $(VENV)/all.lock
	$(LOCK) --extra all --extra dev -c requirements.lock -o $(VENV)/all.lock
	grep -vxFf requirements.lock $(VENV)/all.lock > requirements-extras.lock

clean:
	rm -rf $(VENV) outputs
