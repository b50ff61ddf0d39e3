"""Sends requests to version 0.1 and to this version in turn. Each runs in its own process, with its own packages."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.bench.frame import progress
from tests.bench.local.first_version import first_version
from tests.bench.timing import Worker, compare
from tests.support.tokens import SETTINGS, claims, jwks, sign

OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
FIRST, NOW = "0.1", "now"
ROOT: Final = Path(__file__).parents[2]

Report = dict[str, Any]
"""What a process reports for a request: milliseconds (`wall`, `cpu`) and more."""

Measured = dict[str, dict[str, list[Report]]]
"""The reports of each round, by request and version."""


@contextmanager
def start_versions(program: str, plan: Mapping[str, Any], **variables: str) -> Iterator[dict[str, Worker]]:
    """Start a program of this folder with the code of each version.

    Args:
        program: The file. Its arguments are the name of the version, `first` or `now`, and a file with the plan.
        plan: What the program does. A token and the key that verifies it are added.
        variables: Environment variables.
    """
    headers = {"host": "127.0.0.1:8000", "authorization": f"Bearer {sign(claims(OWNER))}"}
    others = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PIXTAG_"))}
    settings = {f"PIXTAG_{name.upper()}": str(value) for name, value in asdict(SETTINGS).items()}
    path = Path(__file__).with_name(program)
    with first_version() as first, TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        file.write_text(json.dumps({"owner": OWNER, "headers": headers, "jwks": jwks().decode(), **plan}))
        workers = {
            version: Worker([python, "-P", path, name, file], others | settings | variables | {"PYTHONPATH": str(code)})
            for version, name, python, code in (
                (FIRST, "first", first.python, first.folder),
                (NOW, "now", Path(sys.executable), ROOT),
            )
        }
        try:
            yield workers
        finally:
            for worker in workers.values():
                worker.close()


def take_turns(title: str, workers: Mapping[str, Worker], requests: Sequence[str], rounds: int) -> Measured:
    """Let both processes send each request in turn. A first round warms up and is not counted."""
    measured: Measured = {name: {version: [] for version in workers} for name in requests}
    with progress(title, rounds + 1) as step:
        for turn in range(rounds + 1):
            order = [*workers.items()][:: 1 if turn % 2 else -1]
            for name, by_version in measured.items():
                for version, worker in order:
                    report = worker.process(name)
                    by_version[version] += [report] if turn else []
            next(step)
    return measured


def find_speed_up(by_version: Mapping[str, Sequence[Report]], clock: str) -> float:
    """Return how many times as fast as the other version this one is, by `wall` or `cpu`: the median of the rounds."""
    (other,) = by_version.keys() - {NOW}
    old, new = ([report[clock] for report in by_version[version]] for version in (other, NOW))
    return compare(old, new)["median"]
