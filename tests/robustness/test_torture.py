from typing import Literal

import pytest

from tests.robustness import torture
from tests.robustness.torture import HEAD, table

Phase = Literal["setup", "call", "teardown"]


def report(name: str, when: Phase, *, passed: bool = True, seconds: float = 1) -> pytest.TestReport:
    address = f"tests/robustness/test_{name}.py::test_a"
    return pytest.TestReport(address, ("", 0, ""), {}, "passed" if passed else "failed", None, when, duration=seconds)


def test_the_table_sums_up_by_file_what_the_tests_did() -> None:
    reports = [
        report("kills", "setup", seconds=3),
        report("kills", "call", seconds=1200),
        report("kills", "teardown"),
        report("files", "call"),
        report("files", "call", passed=False),
        report("broken", "setup", passed=False),
    ]

    assert table(reports, {"kills": 2000}) == [
        HEAD,
        "kills               2,000         0    1,204",
        "files                   2         1        2",
        "broken                  0         1        1",
        "all                 2,002         2    1,207",
    ]


def test_the_table_is_written_at_the_end(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    lines: list[str] = []
    terminal = pytest.TerminalReporter(pytestconfig)
    monkeypatch.setattr(terminal, "write_line", lines.append)
    monkeypatch.setattr(torture, "reports", [])

    torture.pytest_runtest_logreport(report("kills", "call"))
    torture.pytest_terminal_summary(terminal)

    assert [line.split() for line in lines[1:]] == [["kills", "1", "0", "1"], ["all", "1", "0", "1"]]
