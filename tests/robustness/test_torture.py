from typing import Literal

import pytest

from tests.robustness import torture
from tests.robustness.torture import HEAD, table

Phase = Literal["setup", "call", "teardown"]


def report(name: str, when: Phase, *, passed: bool = True, seconds: float = 1, cases: int = 0) -> pytest.TestReport:
    address, told = f"tests/robustness/test_{name}.py::test_a", [(torture.CASES, cases)]
    outcome: Literal["passed", "failed"] = "passed" if passed else "failed"
    return pytest.TestReport(address, ("", 0, ""), {}, outcome, None, when, user_properties=told, duration=seconds)


def test_the_table_sums_up_by_file_what_the_tests_did() -> None:
    reports = [
        report("kills", "setup", seconds=3),
        report("kills", "call", seconds=1200, cases=2000),
        report("kills", "teardown"),
        report("files", "call"),
        report("files", "call", passed=False),
        report("broken", "setup", passed=False),
    ]

    assert table(reports) == [
        HEAD,
        "kills               2,000         0    1,204",
        "files                   2         1        2",
        "broken                  0         1        1",
        "all                 2,002         2    1,207",
    ]


def test_the_cases_of_a_test_go_with_its_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torture, "cases", [2, 1])
    told = []

    for _ in range(2):
        hook = torture.pytest_runtest_makereport()
        next(hook)
        with pytest.raises(StopIteration) as end:
            hook.send(report("kills", "call"))
        told.append(end.value.value.user_properties[-1])

    assert told == [(torture.CASES, 3), (torture.CASES, 0)]


def test_the_table_is_written_at_the_end(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    lines: list[str] = []
    terminal = pytest.TerminalReporter(pytestconfig)
    monkeypatch.setattr(terminal, "write_line", lines.append)
    monkeypatch.setattr(torture, "reports", [])

    torture.pytest_runtest_logreport(report("kills", "call"))
    torture.pytest_terminal_summary(terminal)

    assert [line.split() for line in lines[1:]] == [["kills", "1", "0", "1"], ["all", "1", "0", "1"]]
