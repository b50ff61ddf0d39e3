"""`make torture` tells at its end what it did: a pytest plugin, loaded with `-p`, that sums up by file."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

HEAD: Final = f"{'group':<16}{'cases':>9}{'failures':>10}{'seconds':>9}"

cases: Final[Counter[str]] = Counter()  # of the files whose tests are of many cases each; noted by the tests, by name
reports: Final[list[pytest.TestReport]] = []


@dataclass
class Group:
    """What became of the tests of a file."""

    tests: int = 0
    failures: int = 0
    seconds: float = 0

    def add(self, report: pytest.TestReport) -> None:
        """Count a phase of a test; it is one test with what comes before and after it."""
        self.tests += report.when == "call"
        self.failures += report.failed
        self.seconds += report.duration


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    reports.append(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in table(reports, cases):
        terminalreporter.write_line(line)


def table(reports: Iterable[pytest.TestReport], cases: Mapping[str, int]) -> list[str]:
    """A line for each file, in the order in which they ran, and one for all of them."""
    groups: dict[str, Group] = defaultdict(Group)
    for report in reports:
        groups[Path(report.nodeid.partition("::")[0]).stem.removeprefix("test_")].add(report)
    rows: list[tuple[str, int, int, float]] = [
        (name, cases.get(name) or group.tests, group.failures, group.seconds)
        for name, group in groups.items()
        if group.tests or group.failures
    ]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows), sum(row[3] for row in rows)))
    return [
        HEAD,
        *(f"{name:<16}{number:>9,}{failures:>10,}{seconds:>9,.0f}" for name, number, failures, seconds in rows),
    ]
