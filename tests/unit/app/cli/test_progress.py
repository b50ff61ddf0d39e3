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
