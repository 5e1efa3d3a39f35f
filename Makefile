# Everything sets up what it needs first: `make demo` works from a clean clone with nothing but Python 3.11.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
SANDBOX_PORT ?= 9100
LAUNCH = $(PYTHON) launch/bootstrap.py
UV_COMPILE = UV_PYTHON_DOWNLOADS=never .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: help demo serve test check bench docs lock

help:
	@echo "make demo [PORT=8000]   everything with demo data and a sandbox PBX"
	@echo "make serve [PORT=8000]  everything, without demo data"
	@echo "make test [ARGS=...]    linters and every test (ARGS go to pytest)"
	@echo "make check              linters and types only"
	@echo "make bench [ARGS=--quick]  how fast it is (10 minutes; benchmarks/README.md)"
	@echo "make docs               what each vendor can do, from the adapters to docs/capabilities.md"
	@echo "make lock               pin the newest versions that requirements*.in allow (LOCK=--upgrade)"

demo:
	@exec $(LAUNCH) demo --host $(HOST) --port $(PORT) --sandbox-port $(SANDBOX_PORT)

serve:
	@exec $(LAUNCH) serve --host $(HOST) --port $(PORT)

test:
	@exec $(LAUNCH) test $(ARGS)

check:
	@exec $(LAUNCH) check

bench:
	@$(LAUNCH)
	@exec .venv/bin/python -m benchmarks $(ARGS)

docs:
	@$(LAUNCH)
	@.venv/bin/python -m integrations.matrix

lock:
	@$(LAUNCH)
	$(UV_COMPILE) $(LOCK) requirements.in -o requirements.lock
	$(UV_COMPILE) $(LOCK) --constraint requirements.lock --override requirements-dev.overrides \
		requirements-dev.in -o requirements-dev.lock
