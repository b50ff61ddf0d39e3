.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
BIN := .venv/bin
AUDIT := .venv-audit/bin
MODEL := detector/model/model.onnx
UI := static/dist/index.html
TYPESCRIPT := tests/integration/typescript
DYNALITE := tests/bench/node
NPM := $(BIN)/python -m infra.build.node static npm
IN_ORDER := --dist loadfile --no-loadscope-reorder # what takes longest stands first; else xdist begins with the most tests

# Kept bytecode halves the start of each of the many processes here; some machines ask for none to be written.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: .venv/installed $(MODEL) $(UI) ## Make .venv from the hashed lock; build the model and the web UI

# uv installs the lock in seconds; it is itself taken from the lock, by hash.
.venv/installed: requirements-dev.lock
	$(PYTHON) -c 'import sys; sys.exit("PixTag needs Python 3.11 or newer: make PYTHON=python3.12 …") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear .venv
	sed -n '/^uv==/,/# via/p' $< > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $<
	touch $@

# Of the audit's programs, one asks for an old boto3: they have an environment of their own.
.venv-audit/installed: requirements-audit.lock | .venv/installed
	$(PYTHON) -m venv --clear .venv-audit
	$(BIN)/uv pip sync --quiet --python $(AUDIT)/python --require-hashes $<
	touch $@

$(MODEL): $(wildcard detector/conversion/*.*) | .venv/installed
	$(BIN)/python -m detector build

static/node_modules/installed: static/package.json static/package-lock.json | .venv/installed
	$(NPM) ci --silent
	touch $@

$(UI): static/node_modules/installed static/index.html static/vite.config.ts $(shell find static/src -type f ! -name openapi.d.ts) openapi.json
	$(NPM) run --silent build -- --logLevel warn

$(TYPESCRIPT)/node_modules/installed: $(TYPESCRIPT)/package.json $(TYPESCRIPT)/package-lock.json | .venv/installed
	$(BIN)/python -m infra.build.node $(TYPESCRIPT) npm ci --silent
	touch $@

$(DYNALITE)/node_modules/installed: $(DYNALITE)/package.json $(DYNALITE)/package-lock.json | .venv/installed
	$(BIN)/python -m infra.build.node $(DYNALITE) npm ci --silent
	touch $@

.PHONY: run
run: setup ## Run PixTag on this machine: emulated AWS, worker, API (Ctrl-C ends it)
	$(BIN)/python -m infra.local.cloud

.PHONY: demo
demo: setup ## Upload a dozen pictures, watch them being tagged, search them
	$(BIN)/python -m infra.local.demo

.PHONY: test
test: setup $(TYPESCRIPT)/node_modules/installed ## Everything: checks, audit, then all tests with coverage
	$(MAKE) --jobs 2 --output-sync check audit
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } \
		|| { echo "The tests of the web UI need Chromium: install it as \`chromium\` on your PATH."; exit 1; }
	$(BIN)/pytest --numprocesses 4 $(IN_ORDER) --ignore tests/browser --ignore tests/property --cov --cov-report term --cov-fail-under 100
	$(BIN)/pytest --numprocesses 2 $(IN_ORDER) --ignore tests/property/test_openapi.py tests/property tests/browser
	$(BIN)/pytest tests/property/test_openapi.py # by itself: schemathesis gives all of its tests one id, of which xdist runs one

.PHONY: fuzz
fuzz: setup ## Send each operation 1,000 requests that nobody has sent yet (make test sends the same few each time)
	EXAMPLES=1000 $(BIN)/python -m pytest --timeout=0 tests/property/test_openapi.py

.PHONY: torture
torture: setup ## Break it for some two hours and tell how often: every kill, fault, order, file and markup, fuzzers 10 minutes each
	TORTURE=1 EXAMPLES=250 $(BIN)/python -m pytest --timeout=0 -p tests.robustness.torture \
		tests/robustness tests/property/test_openapi.py tests/browser/test_markup.py

.PHONY: image
image: setup ## Build the image of both functions (OPTIONS= go to Docker, Podman or Buildah) and tell what each layer weighs
	$(BIN)/python -m infra.build.image $(OPTIONS)

.PHONY: rehearsal
rehearsal: setup ## Build and run the image without Docker, on a Debian made for it: needs root, debootstrap and buildah
	$(BIN)/python -m tests.support.rehearsal

.PHONY: redrive
redrive: setup ## Bring what was set aside back to the worker of the running PixTag, or of STACK= in your AWS account
	@$(if $(STACK),infra/aws/redrive.sh,$(BIN)/python -m infra.local.redrive)

.PHONY: rebuild
rebuild: setup ## Write the table of the running PixTag anew from its objects, should it ever be lost
	$(BIN)/python -m infra.local.rebuild

.PHONY: deploy
deploy: setup ## Build, push and deploy to your AWS account (STACK= names the stage; needs the AWS CLI and Docker)
	$(BIN)/cfn-lint infra/aws/template.yaml
	@infra/aws/deploy.sh

.PHONY: destroy
destroy: ## Remove the stack STACK= from your AWS account; what holds data is kept
	@infra/aws/destroy.sh

.PHONY: screenshots
screenshots: setup ## Take the pictures of README.md
	$(BIN)/python -m pytest tests/browser/test_pictures.py --shots docs

.PHONY: accuracy
accuracy: setup ## Measure how right the detector is: PHOTOS= and LABELS= are folders, of photographs and YOLO's labels
	$(if $(and $(PHOTOS),$(LABELS)),,$(error make accuracy PHOTOS=… LABELS=…))
	$(BIN)/python -m tests.bench.accuracy $(PHOTOS) $(LABELS) $(if $(NETWORK),--model $(NETWORK))

.PHONY: check
check: setup ## Format, lints, types, import contracts, template, the web UI's own tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/cfn-lint infra/aws/template.yaml
	$(NPM) run --silent check

# What no secret is told from, each with its reason. One that stands alone is marked where it stands, with
# `pragma: allowlist secret` or, on the line above, `pragma: allowlist nextline secret`.
UNSCANNED := '*.lock' '*/package-lock.json' # the hashes of packages, which the installers check
UNSCANNED += '*.jpg' '*.svg' '*.webp' # pictures
UNSCANNED += openapi.json # made from app/, which is scanned
UNSCANNED += 'tests/events/*.json' # events as AWS sends them: ids, digests, bytes in Base64
NO_SECRET := '^[a-z]+$$' # a word: a setting, or the password of a person who does not exist
NO_SECRET += '\s' # several words: the same
NO_SECRET += 01jd8xk3v5m0z8q4n2c7r9t1wy # the image that the documentation shows

.PHONY: audit
audit: .venv-audit/installed ## Look for weaknesses in the code and for secrets in what git tracks, without a network
	$(AUDIT)/bandit --quiet --recursive --configfile pyproject.toml app detector infra
	$(AUDIT)/bandit --quiet --recursive --configfile pyproject.toml --skip B101,B106,B311,B607 tests
	git ls-files -z $(addprefix :!:,$(UNSCANNED)) | xargs -0 -n 100 -P 2 $(AUDIT)/detect-secrets-hook --no-verify $(addprefix --exclude-secrets ,$(NO_SECRET))
	$(AUDIT)/hadolint Dockerfile
	$(AUDIT)/checkov --config-file infra/aws/checkov.yaml

.PHONY: format
format: setup ## Format the code and mend what lints can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	$(NPM) run --silent format

.PHONY: openapi
openapi: setup ## Write openapi.json from the code
	$(BIN)/python -c 'import json; from app.main import app; print(json.dumps(app.openapi(), indent=2, ensure_ascii=False))' > openapi.json

.PHONY: bench
bench: setup $(DYNALITE)/node_modules/installed ## Measure how fast it is, into docs/bench: half an hour, or minutes with QUICK=1 (PARTS="search api": only these)
	$(BIN)/python -m tests.bench $(PARTS) $(if $(QUICK),--quick)

.PHONY: load
load: setup ## Let 50 people use PixTag for three minutes, on a cloud of their own: no error, no growing memory
	$(BIN)/python -m tests.bench.load

.PHONY: costs
costs: setup ## Measure what each operation costs in DynamoDB, and write it into README.md
	$(BIN)/python -m tests.support.api_costs

.PHONY: cost
cost: setup ## Work out what PixTag costs on AWS and how far it goes, into docs/cost.md
	$(BIN)/python -m tests.bench.cost_page

.PHONY: logs
logs: STACK ?= pixtag
logs: ## Follow the logs of the deployed functions (needs the AWS CLI and an account; STACK= is the stack, default pixtag)
	@command -v aws >/dev/null || { echo "make logs needs the AWS CLI: install it as \`aws\` on your PATH."; exit 1; }
	@aws sts get-caller-identity >/dev/null || { echo "make logs needs an AWS account: sign in with \`aws configure\` or \`aws sso login\`."; exit 1; }
	@aws logs tail /aws/lambda/$(STACK)-api --follow & aws logs tail /aws/lambda/$(STACK)-worker --follow; wait

.PHONY: lock
lock: setup ## Renew both lock files from pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 pyproject.toml --all-extras -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 --group pyproject.toml:audit -o requirements-audit.lock
