"""Writes the table in docs/benchmarks.md again, from docs/bench/figures.json. `make bench PARTS=local` also does so."""

import json

from tests.bench.local.page import FIGURES, update_page

if __name__ == "__main__":
    update_page(json.loads(FIGURES.read_text())["local"]["verdicts"])
