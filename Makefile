# One command does its own set-up, says what it does, and is quick when called again. `make help` lists them.

PYTHON ?= python3
BACKEND ?= cpu
LOCK := $(if $(filter gpu,$(BACKEND)),requirements-gpu.txt,requirements.txt)
VENV ?= .venv$(if $(filter gpu,$(BACKEND)),-gpu)
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install --disable-pip-version-check
INSTALL_FAILED = { echo "The installation failed; pip's reason is above. It needs the network, this once: call make again."; exit 1; }
UV_COMPILE := $(VENV)/bin/uv pip compile --universal --python-version 3.11 --fork-strategy fewest \
	--only-binary :all: --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml
ifeq ($(BACKEND),gpu)
export COURSE_BACKEND := gpu
endif

.PHONY: help lab test test-all instructor notebooks outputs prove claims studies bench bench-grading faults picture site lock clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

lab: $(VENV)/learner  ## open the course in JupyterLab (LAB_FLAGS="--no-browser --port 9000")
	@$(RUN) -m course_lib lab $(LAB_FLAGS)

test: $(VENV)/dev  ## run all tests (BACKEND=gpu on a GPU; TEST_FLAGS="-k lab" for some)
	@$(RUN) tools/ensure_browser.py
	@$(RUN) tools/ensure_sandbox.py
	@$(RUN) -m ruff check
	@$(RUN) tools/run_tests.py $(TEST_FLAGS)

test-all:  ## run all tests and everything that is proved, trusting nothing that is stored: about an hour more
	@COURSE_TRUST=nothing $(MAKE) --no-print-directory test

instructor: $(VENV)/dev  ## install what grading a class needs: nbgrader, Dask and the sandbox
	@$(RUN) tools/ensure_sandbox.py

notebooks: $(VENV)/learner  ## rebuild the notebooks whose source changed (FORCE=1: edited ones too)
	@$(RUN) tools/build_notebooks.py $(if $(FORCE),--force)

outputs: $(VENV)/learner  ## execute the notebooks and renew the outputs that the text cites
	@$(RUN) tools/build_notebooks.py --execute

prove: $(VENV)/dev  ## run what isn't proved of the notebooks, and store the evidence (NAMES="05_optimizers")
	@$(RUN) tools/prove.py $(NAMES)

claims: SEEDS ?= 10
claims: FIRST ?= 0
claims: $(VENV)/learner  ## check the notebooks' claims with some seeds (SEEDS=10 of them, from FIRST=0 on)
	@$(RUN) tools/claims.py --seeds $(SEEDS) --first $(FIRST)

studies: $(VENV)/learner  ## run what the longer studies lack, minutes to hours (FRESH=1: everything anew)
	@$(RUN) tools/studies.py $(if $(FRESH),--fresh)

bench: $(VENV)/dev  ## measure what README states: times and memory
	@$(RUN) tools/bench.py

bench-grading: $(VENV)/dev  ## measure course grade beside nbgrader's autograde, and a class of a thousand
	@$(RUN) tools/ensure_sandbox.py
	@$(RUN) tools/bench_grading.py

faults: $(VENV)/dev  ## plant every known fault in the library, see its tests catch it, renew the table (FAULTS_FLAGS=--both)
	@$(RUN) -m tests.faults --write $(FAULTS_FLAGS)

picture: $(VENV)/dev  ## renew the pictures in README and docs, from the tests in the browser
	@$(RUN) tools/ensure_browser.py
	$(RUN) -m pytest -q tests/browser tests/grading/test_formgrader.py
	cp tests/artifacts/explorer-1280.png docs/course.png
	$(RUN) tools/grading_pictures.py
	cp tests/artifacts/formgrader-by-hand.png docs/grading-by-hand.png

site: $(VENV)/dev  ## build the web page of the course
	@$(RUN) tools/build_site.py

lock: $(VENV)/dev  ## bring the lock files up to date with pyproject.toml (UPGRADE=1: newest versions)
	$(UV_COMPILE) --quiet $(if $(UPGRADE),--upgrade) --extra cpu -o requirements.txt
	$(UV_COMPILE) --quiet $(if $(UPGRADE),--upgrade) --extra gpu -c requirements.txt -o requirements-gpu.txt
	$(UV_COMPILE) --quiet $(if $(UPGRADE),--upgrade) --extra dev --extra instructor -c requirements.txt -o requirements-dev.txt

clean:  ## remove what make has installed and generated, never notebooks
	rm -rf .venv .venv-gpu build site tests/artifacts .pytest_cache .ruff_cache *.egg-info
	find course_lib tests tools -name __pycache__ -prune -exec rm -rf {} +

# The stamps are written last, so an interrupted step is done again. A venv whose Python is gone is made anew.
ifneq ($(shell test -x $(RUN) && $(RUN) -c 'print("works")'),works)
.PHONY: $(VENV)/created
endif

$(VENV)/created:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "$(PYTHON) was not found: install Python 3.11, 3.12 or 3.13, or name one: make PYTHON=/path/to/python3.12 lab"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "$(PYTHON) is $$("$(PYTHON)" -V 2>&1), and the course needs 3.11, 3.12 or 3.13: install one and name it: make PYTHON=/path/to/python3.12 lab"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) lacks the modules venv and ensurepip: install them (on Debian and Ubuntu: apt install python3-venv), then call make again"; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@"$(PYTHON)" -m venv --clear $(VENV)
	@touch $@

$(VENV)/learner: $(VENV)/created $(LOCK) pyproject.toml
	@echo "Installing the course into $(VENV): about 2 GB, a few minutes the first time"
	@$(PIP) --only-binary :all: -r $(LOCK) || $(INSTALL_FAILED)
	@$(PIP) --quiet --no-deps --no-build-isolation -e . || $(INSTALL_FAILED)
	@touch $@

$(VENV)/dev: $(VENV)/learner requirements-dev.txt
	@echo "Installing what the tests, the tools and grading need into $(VENV)"
	@$(PIP) --only-binary :all: -r requirements-dev.txt || $(INSTALL_FAILED)
	@touch $@
