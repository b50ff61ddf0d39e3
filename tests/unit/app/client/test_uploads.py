import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.client.errors import ClientError, KeyRejected
from app.client.index import UploadIndex
from app.client.sending import Outcome, Result
from app.client.uploads import Summary, Uploads, list_new
from app.client.walk import FoundFile

FILES = [FoundFile(f"/{number}.jpg", 10, number, number) for number in range(20)]


class Reports:
    """Records what it should show."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *values: self.calls.append((name, *values))


def make(send: Any, jobs: int = 3) -> tuple[Uploads, Reports, threading.Event]:
    reports, stop = Reports(), threading.Event()
    sender: Any = SimpleNamespace(send=send)
    return Uploads(sender, reports, stop, jobs), reports, stop


def test_all_files_are_sent_and_counted() -> None:
    results = [Result.SENT, Result.KNOWN, Result.OTHER, Result.FAILED]

    def send(file: FoundFile, advance: Any) -> Outcome:
        return Outcome(file, results[file.inode % 4], "No." if file.inode % 4 == 3 else "")

    uploads, reports, _ = make(send)
    summary = Summary()

    uploads.send_all(FILES, summary)

    assert summary.results == dict.fromkeys(results, 5)
    assert (summary.sent_bytes, min(summary.problems)) == (50, ("/11.jpg", "No."))
    assert reports.calls[0] == ("begin", 20, 200)
    assert [name for name, *_ in reports.calls].count("finish") == 20
    assert reports.calls[-1] == ("end",)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("error", "text"), [(KeyRejected(), "Run `pixtag login`"), (ZeroDivisionError(), "PixTag has a defect")]
)
def test_error_of_one_thread_ends_all_and_keeps_the_counts(error: Exception, text: str) -> None:
    def send(file: FoundFile, advance: Any) -> Outcome:
        if file.inode == 5:
            raise error
        return Outcome(file, Result.SENT)

    uploads, reports, stop = make(send, jobs=1)
    summary = Summary()

    with pytest.raises(ClientError, match=text):
        uploads.send_all(FILES, summary)

    assert (summary.results[Result.SENT], stop.is_set(), reports.calls[-1]) == (5, True, ("end",))


def test_files_in_the_index_are_counted_as_unchanged(tmp_path: Path) -> None:
    with UploadIndex(tmp_path / "uploads.db", "https://a.example.com", "ada") as index:
        index.add(FILES[0], "0" * 64, "image1")
        summary = Summary()

        assert list_new(FILES[:3], index, summary) == FILES[1:3]
        assert summary.unchanged == 1
