.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
BIN := .venv/bin
AUDIT := .venv-audit/bin
PIXTAG := $(BIN)/python -m app.cli
DATA_OPTION = $(if $(DATA),--data "$(DATA)")
MODEL := detector/model/model.onnx
# The German pages are built last.
UI := static/dist/de/index.html
# The shim of pyenv may exist without a Python 3.13 behind it, so the candidates are run.
LOCALSTACK_PYTHON ?= $(shell for python in python3.13 ~/.pyenv/versions/3.13.*/bin/python; do \
	$$python -c "" 2>/dev/null && echo $$python && break; done)
CLIENTS := infra/build/clients/typescript
GENERATORS := tests/clients/generators
DYNALITE := tests/bench/node
NPM := $(BIN)/python -m infra.build.node static npm
SITE := infra/build/site
CHROMIUM := chromium-headless-shell
# The tests write much, and wait for the disk. Memory is faster, but containers often have little of it in /dev/shm.
MEMORY = $(shell findmnt --noheadings --output OPTIONS /dev/shm 2>/dev/null | grep --quiet --invert-match noexec \
	&& [ "$$(df --output=avail --block-size=1G /dev/shm | tail -n 1)" -ge 4 ] && echo /dev/shm/pixtag$(subst /,-,$(CURDIR)))
IN_MEMORY = $(if $(MEMORY),mkdir -p $(MEMORY) && TMPDIR=$(MEMORY))
IN_ORDER := --dist loadfile --no-loadscope-reorder # start the slowest files first; by default, xdist starts the files with the most tests

# Bytecode files halve the start time of each process. Some machines set this variable to disable them.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## Develop: List the targets
	@for group in Everyday Develop Measure Operate; do \
		printf '\n%s\n' $$group; \
		awk -F ":.*## $$group: " 'NF == 2 { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST); \
	done

.PHONY: setup
setup: .venv/installed $(MODEL) $(UI) ## Develop: Create .venv from the lock file, then build the model and the web UI

# The lock file also pins uv. pip installs uv by its hash, then uv installs the rest in seconds.
.venv/installed: requirements-dev.lock
	$(PYTHON) -c 'import sys; sys.exit("PixTag needs Python 3.11 or newer. Run make PYTHON=python3.12 …") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear .venv
	sed -n '/^uv==/,/# via/p' $< > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $<
	touch $@

# checkov requires an old boto3, so the audit tools have their own environment.
.venv-audit/installed: requirements-audit.lock | .venv/installed
	$(PYTHON) -m venv --clear .venv-audit
	$(BIN)/uv pip sync --quiet --python $(AUDIT)/python --require-hashes $<
	touch $@

# MiniStack pins an old botocore, so the emulator has its own environment.
.venv-ministack/installed: requirements-ministack.lock | .venv/installed
	$(PYTHON) -m venv --clear --without-pip .venv-ministack
	$(BIN)/uv pip sync --quiet --python .venv-ministack/bin/python --require-hashes $<
	touch $@

# Datumaro requires another build of OpenCV, so it has its own environment.
.venv-datumaro/installed: requirements-datumaro.lock | .venv/installed
	$(PYTHON) -m venv --clear --without-pip .venv-datumaro
	$(BIN)/uv pip sync --quiet --python .venv-datumaro/bin/python --require-hashes $<
	touch $@

# The generator of the Python client is only needed for `make clients`.
.venv-clients/installed: requirements-clients.lock | .venv/installed
	$(PYTHON) -m venv --clear --without-pip .venv-clients
	$(BIN)/uv pip sync --quiet --python .venv-clients/bin/python --require-hashes $<
	touch $@

# The SAM CLI pins other versions of AWS's packages, so it has its own environment.
.venv-sam/installed: requirements-sam.lock | .venv/installed
	$(PYTHON) -m venv --clear --without-pip .venv-sam
	$(BIN)/uv pip sync --quiet --python .venv-sam/bin/python --require-hashes $<
	touch $@

.venv-localstack/installed: requirements-localstack.lock | .venv/installed
	$(LOCALSTACK_PYTHON) -m venv --clear --without-pip .venv-localstack
	$(BIN)/uv pip sync --quiet --python .venv-localstack/bin/python --require-hashes $<
	touch $@

$(MODEL): $(wildcard detector/conversion/*.*) | .venv/installed
	$(BIN)/python -m detector build

static/node_modules/installed: static/package.json static/package-lock.json | .venv/installed
	$(NPM) ci --silent
	touch $@

$(UI): static/node_modules/installed $(wildcard static/*.html static/*.ts) $(shell find static/src static/public -type f ! -name openapi.d.ts) openapi.json
	$(NPM) run --silent build -- --logLevel warn

$(CLIENTS)/node_modules/installed: $(CLIENTS)/package.json $(CLIENTS)/package-lock.json | .venv/installed
	$(BIN)/python -m infra.build.node $(CLIENTS) npm ci --silent
	touch $@

# The newest generators need a newer Node.js than the web UI, so the one of .venv runs them.
$(GENERATORS)/node_modules/installed: $(GENERATORS)/package.json $(GENERATORS)/package-lock.json | .venv/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(GENERATORS) ci --silent
	touch $@

$(DYNALITE)/node_modules/installed: $(DYNALITE)/package.json $(DYNALITE)/package-lock.json | .venv/installed
	$(BIN)/python -m infra.build.node $(DYNALITE) npm ci --silent
	touch $@

$(SITE)/node_modules/installed: $(SITE)/package.json $(SITE)/package-lock.json | .venv/installed
	$(BIN)/python -m infra.build.node $(SITE) npm ci --silent
	touch $@

.PHONY: run
run: setup $(if $(AWS),.venv-ministack/installed) ## Everyday: Start PixTag on this machine (PORT= and DATA= choose the port and the data folder; AWS=emulator is for developers)
	@$(PIXTAG) run $(if $(AWS),--aws $(AWS)) $(if $(PORT),--port $(PORT)) $(DATA_OPTION)

.PHONY: demo
demo: setup ## Everyday: Upload a dozen photos, wait for their tags and search them
	$(BIN)/python -m infra.local.demo

.PHONY: test
test: setup .venv-audit/installed .venv-ministack/installed ## Everyday: Run every check and every test with coverage, as CI does
	@command -v $(CHROMIUM) >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends $(CHROMIUM); } \
		|| { echo "The web UI tests need Chromium. Install it as \`$(CHROMIUM)\` on your PATH."; exit 1; }
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends nginx-light; } \
		|| { echo "The test of the reverse proxy needs nginx. Install it as \`nginx\` on your PATH."; exit 1; }
	$(IN_MEMORY) $(MAKE) --jobs 3 --output-sync=line test-browser test-python check audit test-emulator test-openapi
	$(if $(MEMORY),rm -rf $(MEMORY))

# Coverage takes much CPU time. The unit tests reach nearly everything, and these files reach the rest.
BEYOND_UNITS := tests/integration/test_client.py tests/robustness/test_local_signatures.py tests/robustness/test_tokens.py

# An emulator needs 12 CPU seconds to start, so one process runs all tests that use it.
ON_EMULATOR = $(shell grep --files-with-matches ': LocalCloud' tests/integration/test_*.py tests/robustness/test_*.py)

# The tests with a browser come first if both targets need the CPU, because they wait for pages.
.PHONY: test-python
test-python: setup ## Develop: Run the tests that need no browser, and require the unit tests to reach each line and branch
	nice -n 5 $(BIN)/pytest --numprocesses 2 $(IN_ORDER) --cov --cov-report term --cov-fail-under 100 \
		tests/unit $(BEYOND_UNITS); \
	units=$$?; nice -n 5 $(BIN)/pytest --numprocesses 3 $(IN_ORDER) $(addprefix --ignore ,$(BEYOND_UNITS) $(ON_EMULATOR)) \
		tests/integration tests/robustness tests/test_repository.py && exit $$units

.PHONY: test-emulator
test-emulator: setup .venv-ministack/installed ## Develop: Run the tests on the emulator of AWS
	nice -n 5 $(BIN)/pytest $(ON_EMULATOR)

# If they started last, one worker would be busy after the other has ended.
LONGEST := $(addprefix tests/browser/test_,lightbox.py upload.py selection.py library.py)

.PHONY: test-browser
test-browser: setup ## Develop: Run the browser tests and the property tests
	$(BIN)/pytest --numprocesses 2 $(IN_ORDER) --ignore tests/property/test_openapi.py \
		$(LONGEST) tests/property $(filter-out $(LONGEST),$(wildcard tests/browser/test_*.py))

# pytest-xdist cannot run these tests: they share one id, and it runs an id only once.
.PHONY: test-openapi
test-openapi: setup ## Develop: Send a few random requests to each API operation and check the responses
	$(BIN)/pytest tests/property/test_openapi.py

.PHONY: fuzz
fuzz: setup ## Develop: Send 1,000 new random requests to each API operation
	EXAMPLES=1000 $(BIN)/python -m pytest --timeout=0 tests/property/test_openapi.py

.PHONY: torture
torture: setup .venv-ministack/installed .venv-datumaro/installed ## Develop: Run the robustness tests and fuzzers in full and print a report (two hours)
	TORTURE=1 EXAMPLES=250 $(BIN)/python -m pytest --timeout=0 -p tests.robustness.torture \
		tests/robustness tests/property tests/browser tests/integration/test_run.py tests/integration/test_stops.py \
		tests/integration/test_transcript.py tests/unit/app

.PHONY: localstack
localstack: setup $(if $(filter localstack,$(MAKECMDGOALS)),$(if $(LOCALSTACK_PYTHON),.venv-localstack/installed)) ## Develop: Use PixTag as one person does, on LocalStack and moto (needs Python 3.13)
	@$(if $(LOCALSTACK_PYTHON),$(BIN)/python -m infra.local.localstack,echo \
		"Skipped: LocalStack 4.14.0 needs Python 3.13. Install it, or set LOCALSTACK_PYTHON=.")

.PHONY: wheel
wheel: setup ## Develop: Build the wheel and the source archive in dist/, with the model and the web UI
	$(BIN)/uv build --no-build-isolation --python $(BIN)/python
	@ls dist/pixtag-*

.PHONY: clients
clients: setup .venv-clients/installed $(CLIENTS)/node_modules/installed $(GENERATORS)/node_modules/installed ## Develop: Generate the Python and the TypeScript client, pack them in dist/, and test them, openapi.json and other generators
	.venv-clients/bin/python -m infra.build.clients
	$(BIN)/pytest tests/clients
	@ls dist/pixtag[_-]client-*

.PHONY: image
image: setup ## Develop: Build the container image and print the size of each layer (OPTIONS= is passed to the builder)
	$(BIN)/python -m infra.build.image $(OPTIONS)

.PHONY: rehearsal
rehearsal: setup .venv-ministack/installed ## Develop: Build and run the image without Docker (needs root, debootstrap and buildah)
	$(BIN)/python -m tests.support.rehearsal

.PHONY: sam
sam: setup .venv-sam/installed ## Develop: Validate and package the template with the SAM CLI, without an AWS account
	$(BIN)/pytest tests/sam

.PHONY: redrive
redrive: setup ## Operate: Move dead letters back to the worker's queue (DATA= names a folder, STACK= a stack on AWS)
	@$(if $(STACK),infra/aws/redrive.sh,$(PIXTAG) redrive $(DATA_OPTION))

.PHONY: recover
recover: setup ## Operate: Replace a damaged database with a copy (COPY= names it, DATA= the data folder)
	@$(PIXTAG) recover $(COPY) $(DATA_OPTION)

.PHONY: rebuild
rebuild: setup ## Operate: Rebuild a lost database from the stored photos (DATA= names the data folder)
	@$(PIXTAG) rebuild $(DATA_OPTION)

.PHONY: deploy
deploy: setup ## Operate: Build, push and deploy to AWS (STACK= names the stack; needs the AWS CLI and Docker)
	$(BIN)/cfn-lint infra/aws/template.yaml
	@infra/aws/deploy.sh

.PHONY: destroy
destroy: ## Operate: Delete a stack from AWS but keep its data (STACK= names the stack)
	@infra/aws/destroy.sh

.PHONY: screenshots
screenshots: setup ## Develop: Take the screenshots for README.md
	$(BIN)/python -m pytest tests/browser/test_pictures.py --shots docs

.PHONY: accuracy
accuracy: setup ## Measure: Compare detections with YOLO labels (PHOTOS= and LABELS= are folders, NETWORK= is a model, AGAINST= is another, PLOT= is an SVG file)
	$(if $(and $(PHOTOS),$(LABELS)),,$(error make accuracy PHOTOS=… LABELS=…))
	$(BIN)/python -m tests.bench.accuracy $(PHOTOS) $(LABELS) $(if $(NETWORK),--model $(NETWORK)) $(if $(AGAINST),--against $(AGAINST)) $(if $(PLOT),--plot $(PLOT))

.PHONY: check
check: setup docs ## Everyday: Run the fast checks: format, lint, types, imports, spelling, template, docs, web UI
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/cfn-lint infra/aws/template.yaml
	$(NPM) run --silent check
	git ls-files -z | xargs -0 $(BIN)/codespell

# These files and texts look like secrets but contain none. To allow a single line, add `pragma: allowlist secret` to
# it, or `pragma: allowlist nextline secret` to the line above.
UNSCANNED := '*.lock' '*/package-lock.json' # package hashes; the installers check them
UNSCANNED += '*.jpg' '*.png' '*.svg' '*.webp' # images
UNSCANNED += static/src/upload/picture-limits.json # headers of pictures
UNSCANNED += openapi.json # generated from app/, which is scanned
UNSCANNED += 'tests/events/*.json' # recorded AWS events with ids, digests and Base64
NO_SECRET := '^[A-Za-z]+$$' # a single word, such as a setting or a test user's password
NO_SECRET += '\s' # several words, such as a test user's password
NO_SECRET += 01jd8xk3v5m0z8q4n2c7r9t1wy # the image id in the documentation's examples
NO_SECRET += 5f2b0c1d9e8a # the ids of a detection and of a subscription in the API documentation

.PHONY: audit
audit: .venv-audit/installed ## Develop: Scan the code for weaknesses and the repository for secrets (offline)
	$(AUDIT)/bandit --quiet --recursive --configfile pyproject.toml app detector infra
	$(AUDIT)/bandit --quiet --recursive --configfile pyproject.toml --skip B101,B104,B106,B311,B606,B607 tests
	git ls-files -z $(addprefix :!:,$(UNSCANNED)) | xargs -0 -n 1000 -P 2 $(AUDIT)/detect-secrets-hook --no-verify $(addprefix --exclude-secrets ,$(NO_SECRET))
	$(AUDIT)/hadolint Dockerfile
	$(AUDIT)/checkov --config-file infra/aws/checkov.yaml

.PHONY: format
format: setup ## Everyday: Format the code and apply the automatic lint fixes
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	$(NPM) run --silent format

# Material for MkDocs prints a notice about its successor unless this variable is set.
.PHONY: docs
docs: setup $(SITE)/node_modules/installed ## Everyday: Build the documentation site in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

.PHONY: openapi
openapi: setup ## Develop: Generate openapi.json from the code
	$(BIN)/python -c 'import json, pathlib; from app.main import app; document = json.dumps(app.openapi(), indent=2, ensure_ascii=False); pathlib.Path("openapi.json").write_text(document + "\n")'

.PHONY: bench
bench: setup .venv-ministack/installed $(DYNALITE)/node_modules/installed ## Measure: Run the benchmarks and write docs/bench (45 minutes; QUICK=1 is faster; PARTS="local api" selects benchmarks)
	$(BIN)/python -m tests.bench $(PARTS) $(if $(QUICK),--quick)

.PHONY: load
load: setup ## Measure: Simulate 50 people who use PixTag and version 0.1 (five minutes; QUICK=1 is faster)
	$(BIN)/python -m tests.bench load $(if $(QUICK),--quick)

.PHONY: api-costs
api-costs: setup ## Measure: Count the DynamoDB units of each API operation and write docs/api-costs.md
	$(BIN)/python -m tests.support.api_costs

.PHONY: cost-report
cost-report: setup ## Measure: Estimate the AWS bill and write docs/cost.md
	$(BIN)/python -m tests.bench.cost_page

.PHONY: logs
logs: STACK ?= pixtag
logs: ## Operate: Follow the logs of the deployed functions (STACK= names the stack; needs the AWS CLI)
	@command -v aws >/dev/null || { echo "make logs needs the AWS CLI. Install it as \`aws\` on your PATH."; exit 1; }
	@aws sts get-caller-identity >/dev/null || { echo "You are not signed in to AWS. Run \`aws configure\` or \`aws sso login\`."; exit 1; }
	@aws logs tail /aws/lambda/$(STACK)-api --follow & aws logs tail /aws/lambda/$(STACK)-worker --follow; wait

# The image contains no client, so its lock file leaves out the packages that only the client uses.
CLIENT_ONLY := certifi httpcore httpx platformdirs pyyaml watchfiles

.PHONY: lock
lock: setup ## Develop: Update the Python and npm lock files
	$(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 pyproject.toml --all-extras \
		$(addprefix --no-emit-package ,$(CLIENT_ONLY)) -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock
	for group in audit clients datumaro ministack sam; do \
		$(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 --group pyproject.toml:$$group \
			-o requirements-$$group.lock || exit; \
	done
	$(BIN)/uv pip compile --quiet --no-universal --python-version 3.13 --exclude-newer 2026-03-02 \
		--group pyproject.toml:localstack -o requirements-localstack.lock
	for folder in static $(CLIENTS) $(DYNALITE) $(GENERATORS) $(SITE); do \
		$(BIN)/python -m infra.build.node $$folder npm update --package-lock-only --silent || exit; \
	done
