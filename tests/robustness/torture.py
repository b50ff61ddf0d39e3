"""`make torture` tells at its end what it did: a pytest plugin, loaded with `-p`, that sums up by file."""

from collections import defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

HEAD: Final = f"{'group':<16}{'cases':>9}{'failures':>10}{'seconds':>9}"

CASES: Final = "cases"

cases: Final[list[int]] = []  # how many the test at hand has had, added by tests that are of many each
reports: Final[list[pytest.TestReport]] = []


@dataclass
class Group:
    """What became of the tests of a file."""

    cases: int = 0
    failures: int = 0
    seconds: float = 0

    def add(self, report: pytest.TestReport) -> None:
        """Count a phase of a test: its cases, and one for a test that counts none."""
        noted = sum(int(str(value)) for name, value in report.user_properties if name == CASES)
        self.cases += noted or report.when == "call"
        self.failures += report.failed
        self.seconds += report.duration


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Have the cases go with the report, which may go to another process."""
    report = yield
    report.user_properties.append((CASES, sum(cases)))
    cases.clear()
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    reports.append(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in table(reports):
        terminalreporter.write_line(line)


def table(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each file, in the order in which they ran, and one for all of them."""
    groups: dict[str, Group] = defaultdict(Group)
    for report in reports:
        groups[Path(report.nodeid.partition("::")[0]).stem.removeprefix("test_")].add(report)
    rows: list[tuple[str, int, int, float]] = [
        (name, group.cases, group.failures, group.seconds)
        for name, group in groups.items()
        if group.cases or group.failures
    ]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows), sum(row[3] for row in rows)))
    return [
        HEAD,
        *(f"{name:<16}{number:>9,}{failures:>10,}{seconds:>9,.0f}" for name, number, failures, seconds in rows),
    ]
