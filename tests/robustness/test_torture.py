from typing import Literal

import pytest

from tests.robustness import torture
from tests.robustness.torture import HEADER, format_table

Phase = Literal["setup", "call", "teardown"]


def report(name: str, when: Phase, *, passed: bool = True, seconds: float = 1, cases: int = 0) -> pytest.TestReport:
    node_id, properties = f"tests/robustness/test_{name}.py::test_a", [(torture.CASES, cases)]
    outcome: Literal["passed", "failed"] = "passed" if passed else "failed"
    return pytest.TestReport(
        node_id, ("", 0, ""), {}, outcome, None, when, user_properties=properties, duration=seconds
    )


def test_format_table_of_reports_sums_by_file() -> None:
    reports = [
        report("kills", "setup", seconds=3),
        report("kills", "call", seconds=1200, cases=2000),
        report("kills", "teardown"),
        report("files", "call"),
        report("files", "call", passed=False),
        report("broken", "setup", passed=False),
    ]

    assert format_table(reports) == [
        HEADER,
        "kills               2,000         0    1,204",
        "files                   2         1        2",
        "broken                  0         1        1",
        "all                 2,002         2    1,207",
    ]


def test_makereport_of_two_tests_attaches_the_cases_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torture, "cases", [2, 1])
    counts = []

    for _ in range(2):
        hook = torture.pytest_runtest_makereport()
        next(hook)
        with pytest.raises(StopIteration) as end:
            hook.send(report("kills", "call"))
        counts.append(end.value.value.user_properties[-1])

    assert counts == [(torture.CASES, 3), (torture.CASES, 0)]


def test_terminal_summary_after_a_report_writes_the_table(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    lines: list[str] = []
    terminal = pytest.TerminalReporter(pytestconfig)
    monkeypatch.setattr(terminal, "write_line", lines.append)
    monkeypatch.setattr(torture, "reports", [])

    torture.pytest_runtest_logreport(report("kills", "call"))
    torture.pytest_terminal_summary(terminal)

    assert [line.split() for line in lines[1:]] == [["kills", "1", "0", "1"], ["all", "1", "0", "1"]]
