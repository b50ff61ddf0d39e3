import os
import threading
from pathlib import Path

import pytest
from watchfiles import Change

from app.client import watching
from app.client.watching import RESCAN_SECONDS, Events, watch, watch_events

Step = tuple[float, set[tuple[Change, str]]]


class Clock:
    """A clock that moves on by a second with each event."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def run(folder: Path, steps: list[Step], write: dict[int, bytes]) -> list[list[str]]:
    """Watch a folder while its events come at these times. Before an event, `write` may write to `a.jpg`."""
    clock = Clock()
    sent: list[list[str]] = []

    def events() -> Events:
        for number, (moment, changes) in enumerate(steps):
            if number in write:
                (folder / "a.jpg").write_bytes(write[number])
            clock.now = moment
            yield changes

    watch([str(folder)], events(), lambda files: sent.append([Path(file.path).name for file in files]), clock)
    return sent


def wait_for(events: Events, path: str) -> None:
    """Wait until the events contain this path."""
    while path not in {changed for _, changed in next(events)}:
        pass


def test_file_is_sent_after_its_size_was_the_same_for_two_seconds(tmp_path: Path) -> None:
    change = {(Change.modified, str(tmp_path / "a.jpg"))}
    steps: list[Step] = [(0, set()), (1, change), (2, change), (3, set()), (3.9, set()), (4, set()), (9, set())]

    assert run(tmp_path, steps, {1: b"1", 2: b"12"}) == [["a.jpg"]]


def test_file_that_grows_without_an_event_waits(tmp_path: Path) -> None:
    change = {(Change.added, str(tmp_path / "a.jpg"))}
    steps: list[Step] = [(0, set()), (1, change), (3, set()), (4, set()), (5, set())]

    sent: list[list[str]] = run(tmp_path, steps[:4], {1: b"1", 2: b"12"})
    assert sent == []
    (tmp_path / "a.jpg").unlink()
    assert run(tmp_path, steps, {1: b"1", 2: b"12"}) == [["a.jpg"]]


def test_folder_that_is_moved_in_is_walked(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    steps: list[Step] = [(0.0, set()), (1, {(Change.added, str(tmp_path / "new"))}), (4, set())]
    (tmp_path / "new" / "b.jpg").touch()

    assert run(tmp_path, steps, {}) == [["b.jpg"]]


def test_hidden_and_deleted_files_are_not_sent(tmp_path: Path) -> None:
    (tmp_path / ".b.jpg").touch()
    changes = {(Change.added, str(tmp_path / ".b.jpg")), (Change.deleted, str(tmp_path / "c.jpg"))}

    assert (
        run(tmp_path, [(0, set()), (1, changes | {(Change.added, str(tmp_path / "gone.jpg"))}), (4, set())], {}) == []
    )


def test_files_without_an_event_are_found_at_first_and_every_ten_minutes(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").touch()
    steps: list[Step] = [(0.0, set()), (2, set()), (3, set()), (RESCAN_SECONDS, set()), (RESCAN_SECONDS + 2, set())]

    assert run(tmp_path, steps, {2: b"1"}) == [["b.jpg"], ["a.jpg", "b.jpg"]]


def test_events_name_new_files_and_end_with_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "TICK_MILLISECONDS", 50)
    stop = threading.Event()
    events = watch_events([str(tmp_path)], stop)
    assert next(events) == set()

    (tmp_path / "a.jpg").touch()

    wait_for(events, str(tmp_path / "a.jpg"))
    stop.set()
    assert list(events) == []


def test_name_that_is_no_text_does_not_end_the_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "TICK_MILLISECONDS", 50)
    monkeypatch.setattr(watching, "RESTART_TICKS", 1)
    stop = threading.Event()
    events = watch_events([str(tmp_path)], stop)
    assert next(events) == set()

    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg")).touch()

    wait_for(events, str(tmp_path))
    assert next(events) == set()
    (tmp_path / "a.jpg").touch()
    wait_for(events, str(tmp_path / "a.jpg"))
    stop.set()
    assert list(events) == []
