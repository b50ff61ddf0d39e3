#!/usr/bin/env bash
# Schemathesis 4.32.5 with pytest 9.2.0 and pytest-xdist 3.8.0.
#
# Expected: a parametrized Schemathesis test runs once per operation of the document, however tests are distributed,
# because each operation is collected as a test of its own.
# Seen: all operations of one test function share one node id. `pytest` and `pytest --numprocesses 2` run all of them.
# With `--dist loadfile`, whose queue is keyed by node id, one operation runs. The exit status is 0, without a warning.
#
# Consequence: run such tests without xdist, or let pytest_collection_finish refuse duplicate node ids.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  schemathesis==4.32.5 pytest==9.2.0 pytest-xdist==3.8.0 fastapi==0.165.0 starlette==1.10.0 httpx==0.28.1

cat >test_api.py <<'PYTHON'
import schemathesis
from fastapi import FastAPI

app = FastAPI()


@app.get("/cats")
def list_cats() -> list[str]:
    return []


@app.get("/dogs")
def list_dogs() -> list[str]:
    return []


@app.get("/birds")
def list_birds() -> list[str]:
    return []


schema = schemathesis.openapi.from_asgi("/openapi.json", app)


@schema.parametrize()
def test_operation(case):
    case.call()
PYTHON

run() { venv/bin/pytest -q -p no:cacheprovider -W ignore "$@" test_api.py; }
passed() { grep -oE '[0-9]+ passed' <<<"$1"; }

echo "node ids:"
run --collect-only | grep '::' | sort | uniq -c
alone=$(passed "$(run)")
spread=$(passed "$(run --numprocesses 2)")
by_file=$(passed "$(run --numprocesses 2 --dist loadfile)")
echo "pytest: $alone"
echo "pytest --numprocesses 2: $spread"
echo "pytest --numprocesses 2 --dist loadfile: $by_file"
[ "$alone" = "3 passed" ] && [ "$spread" = "3 passed" ] && [ "$by_file" = "1 passed" ]
