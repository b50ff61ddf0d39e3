import io
import sys

import pytest

from app.cli.progress import show_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with show_progress("Verify", 10) as advance:
        advance(10)

    assert "Verify" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_progress_without_a_terminal_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress("Verify", 10) as advance:
        advance(10)

    assert capsys.readouterr() == ("", "")


def test_lines_go_to_the_standard_output_if_it_is_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, file = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", file)

    with show_progress("Check", 10):
        sys.stdout.write("a difference\n")

    assert file.getvalue() == "a difference\n"
    assert "a difference" not in terminal.getvalue()
