"""Pytest plugin of `make torture`, loaded with `-p`: prints the cases, failures and seconds of each file at the end."""

from collections import defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

HEADER: Final = f"{'group':<16}{'cases':>9}{'failures':>10}{'seconds':>9}"

CASES: Final = "cases"

cases: Final[list[int]] = []  # of the running test: a test with many cases appends their numbers
reports: Final[list[pytest.TestReport]] = []


@dataclass
class Group:
    """The results of the tests in one file."""

    cases: int = 0
    failures: int = 0
    seconds: float = 0

    def add(self, report: pytest.TestReport) -> None:
        """Add the report of one phase of a test. A test that counts no cases is one case."""
        counted = sum(int(str(value)) for name, value in report.user_properties if name == CASES)
        self.cases += counted or report.when == "call"
        self.failures += report.failed
        self.seconds += report.duration


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the number of cases to the report, because xdist sends the report to another process."""
    report = yield
    report.user_properties.append((CASES, sum(cases)))
    cases.clear()
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    reports.append(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in format_table(reports):
        terminalreporter.write_line(line)


def format_table(reports: Iterable[pytest.TestReport]) -> list[str]:
    """Return a line for each file, in the order in which they ran, and a line with the totals."""
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
        HEADER,
        *(f"{name:<16}{number:>9,}{failures:>10,}{seconds:>9,.0f}" for name, number, failures, seconds in rows),
    ]
