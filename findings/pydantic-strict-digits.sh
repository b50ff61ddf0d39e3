#!/usr/bin/env bash
# A guess about dates in the strict mode of pydantic, and what really happens.
#
# Versions: pydantic 2.13.5, Python 3.11 to 3.13. The script installs pydantic from the package index.
# Expected: a `datetime` field in strict mode accepts JSON texts of dates and times only. The conversion table of pydantic
#           names two forms for it: YYYY-MM-DDTHH:MM:SS.f and YYYY-MM-DD. So `20190728`, which is a date in ISO 8601 and
#           for Python's `fromisoformat`, is either 28 July 2019 or an error.
# Seen:     `20190728` is 22 August 1970, 16:32:08 UTC, also in strict mode: any number in a text is Unix time. The text
#           `2019-07-28`, which the table allows, is an error. Without strict mode, it is accepted.
# Why:      strict mode only forbids numbers without quotes. The text is parsed by speedate, which tries Unix time too. For
#           `date` fields, strict mode does refuse such texts.
# Remedy:   declare the field as a text with a pattern, and parse it with `datetime.fromisoformat`.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pydantic==2.13.5

cat >read.py <<'PYTHON'
from datetime import date, datetime

from pydantic import TypeAdapter, ValidationError


def read(kind, text):
    try:
        return TypeAdapter(kind).validate_json(text, strict=True).isoformat()
    except ValidationError:
        return "refused"


for kind in (datetime, date):
    for text in ("20190728", '"20190728"', '"2019"', '"2019-07-28"', '"2019-07-28T01:03:00"'):
        print(kind.__name__, text, read(kind, text))

assert datetime.fromisoformat("20190728") == datetime(2019, 7, 28)
assert read(datetime, "20190728") == "refused"
assert read(datetime, '"20190728"') == "1970-08-22T16:32:08+00:00"
assert read(datetime, '"2019"') == "1970-01-01T00:33:39+00:00"
assert read(datetime, '"2019-07-28"') == "refused"
assert read(date, '"20190728"') == "refused"
assert read(date, '"2019-07-28"') == "2019-07-28"
PYTHON
venv/bin/python read.py
