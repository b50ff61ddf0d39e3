import io
import os
import sys
from typing import Any

import pytest

from app.cli.transfer_progress import BarReporter, LineReporter, describe_problem, make_reporter
from app.client.walk import FoundFile

FILE = FoundFile("/photos/beach.jpg", 2_000_000, 1, 1)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_tell_the_rate_and_the_time_left_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0, 5, 10, 10, 10, 12])
    reporter = LineReporter(lambda: next(times))

    reporter.begin(40, 80_000_000)
    for _ in range(3):
        reporter.advance(FILE.size)
        reporter.finish(FILE.path, "")
    reporter.end()

    assert capsys.readouterr().err == "2 of 40 files, 4.0 MB of 80.0 MB, 400.0 kB/s, 3 min left\n"


def test_line_without_any_byte_tells_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0, 10, 10, 10])
    reporter = LineReporter(lambda: next(times))

    reporter.begin(1, 0)
    reporter.finish(FILE.path, "")

    assert capsys.readouterr().err == "1 of 1 file, 0 bytes of 0 bytes, 0 bytes/s\n"


def test_lines_name_problems_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = LineReporter()

    reporter.begin(1, 0)
    reporter.finish(FILE.path, "Permission denied.")

    assert capsys.readouterr().err == "/photos/beach.jpg: Permission denied.\n"


def test_bar_shows_files_bytes_and_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "200")
    reporter: Any = make_reporter()

    for _ in range(2):  # `--watch` shows it again
        reporter.begin(2, 4_000_000)
        reporter.advance(FILE.size)
        reporter.finish(FILE.path, "")
        reporter.finish(FILE.path, "[bold]Permission denied.")
        reporter.end()

    assert isinstance(reporter, BarReporter)
    assert "/photos/beach.jpg: [bold]Permission denied.\n" in terminal.getvalue()
    assert "2 of 2 files" in terminal.getvalue()
    assert "2.0/4.0 MB" in terminal.getvalue()


def test_output_that_is_no_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())

    assert isinstance(make_reporter(), LineReporter)


def test_path_that_is_no_text_is_printed() -> None:
    assert describe_problem(os.fsdecode(b"/\xff.jpg"), "No.") == "/\ufffd.jpg: No."
