import errno
import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from watchfiles import Change

from app.cli import uploads
from app.cli.uploads import UploadOptions, UploadRun
from app.client.connection import Connection
from app.client.login import Login, save_login
from app.client.sending import CHANGED
from app.client.watching import SETTLE_SECONDS, Events, watch
from detector.formats import NOT_A_PHOTO
from tests.support.fake_server import JPEG, KEY, URL, FakeServer, problem


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    """A server, to which this machine is signed in."""
    server = FakeServer()
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    save_login(Login(URL, KEY, "key1", "ada", "ada@example.com"))

    def connect(login: Login, waits: Any) -> Connection:
        return Connection(login.url, login.key, waits, transport=server.transport)

    monkeypatch.setattr(uploads, "connect", connect)
    return server


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with two photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.jpg").write_bytes(JPEG + name.encode())
    return folder


def test_new_photos_are_sent_until_ctrl_c(
    server: FakeServer, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def watch_events(paths: list[str], stop: Any) -> Events:
        assert paths == [str(photos)]
        (photos / "c.jpg").write_bytes(JPEG + b"c")
        assert capsys.readouterr().err.startswith(f"{photos}/broken.jpg: This is not a JPEG")
        yield {(Change.added, str(photos / "c.jpg"))}
        yield set()
        signal.raise_signal(signal.SIGINT)

    (photos / "broken.jpg").touch()
    monkeypatch.setattr(uploads, "watch_events", watch_events)
    times = iter([0, SETTLE_SECONDS])
    monkeypatch.setattr(uploads, "watch", partial(watch, clock=lambda: next(times)))

    assert UploadRun([str(photos)], UploadOptions(watch=True)).run() == 1

    assert sorted(server.images.values()) == [JPEG + name for name in (b"a", b"b", b"c")]
    output = capsys.readouterr()
    assert output.out.startswith(
        "Sent 3 photos (12 bytes). Known: 0. Unchanged since the last run: 0. Other files: 0.\n"
    )
    assert output.err == "Stopped. Run the same command again to continue.\n"


def test_missing_folder_is_not_watched(
    server: FakeServer, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing"

    assert UploadRun([str(photos), str(missing)], UploadOptions(watch=True)).run() == 1

    message = f"{missing} does not exist, so it cannot be watched. Create it, then run the command again.\n"
    assert (capsys.readouterr().err, server.requests) == (message, [])


def test_ctrl_c_ends_with_its_status_and_the_summary(
    server: FakeServer, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(line: str) -> None:
        if line == "POST /form/image1":
            signal.raise_signal(signal.SIGINT)

    server.on_request = interrupt
    server.answers = [("POST /form/image1", httpx.ConnectError("refused"))]

    assert UploadRun([str(photos)], UploadOptions(jobs=1)).run() == 130

    output = capsys.readouterr()
    assert output.out.startswith("Sent 1 photo (4 bytes)")
    assert output.err.endswith("\nStopped. Run the same command again to continue.\n")
    server.on_request = lambda _: None
    assert UploadRun([str(photos)], UploadOptions()).run() == 0
    assert sorted(server.images.values()) == [JPEG + b"a", JPEG + b"b"]


def test_full_library_ends_with_a_message_and_the_summary(
    server: FakeServer, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers = [("POST /form/image1", problem(507, "The disk of the server is full."))]

    assert UploadRun([str(photos)], UploadOptions(jobs=1)).run() == 1

    output = capsys.readouterr()
    assert output.out.startswith("Sent 1 photo (4 bytes)")
    assert output.err == "The disk of the server is full.\n"


def test_again_asks_about_each_photo(server: FakeServer, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        UploadRun([str(photos)], UploadOptions()).run()
    assert server.requests.count("POST /uploads") == 2
    capsys.readouterr()

    assert UploadRun([str(photos)], UploadOptions(again=True)).run() == 0

    assert server.requests.count("POST /uploads") == 4
    assert capsys.readouterr().out.startswith("Sent 0 photos (0 bytes). Known: 2.")


def test_tags_are_checked_before_the_first_upload(
    server: FakeServer, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers = [("POST /tags", problem(422, "A tag needs a letter."))]

    assert UploadRun([str(photos)], UploadOptions(tags=[""])).run() == 1

    assert server.requests == ["POST /tags"]
    assert capsys.readouterr().err == "A tag needs a letter.\n"
    assert UploadRun([str(photos)], UploadOptions(tags=["sea"])).run() == 0
    assert server.tags == {"image0": ["sea"], "image1": ["sea"]}


def test_dry_run_sends_nothing_and_names_the_problems_of_an_upload(
    server: FakeServer, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "notes.txt").touch()
    (photos / "fake.jpg").touch()
    (photos / "replaced.jpg").touch()
    original = os.open

    def refuse(path: str, flags: int, *options: int) -> int:
        if path.endswith("a.jpg"):
            raise PermissionError(errno.EACCES, "Permission denied")
        if path.endswith("replaced.jpg"):
            (photos / "replaced.jpg").unlink()
            os.mkfifo(photos / "replaced.jpg")
        return original(path, flags, *options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        status = UploadRun([str(photos)], UploadOptions(dry_run=True)).run()

    assert (status, server.requests) == (1, [])
    printed = capsys.readouterr()
    assert printed.out == (
        f"{photos}/b.jpg\n1 photo (4 bytes) would be sent, except those that the account has.\n"
        "3 problems, named above.\n"
    )
    assert printed.err == (
        f"{photos}/a.jpg: Permission denied.\n{photos}/fake.jpg: {NOT_A_PHOTO}\n{photos}/replaced.jpg: {CHANGED}\n"
    )


def test_paths_that_do_not_exist_are_named(
    server: FakeServer, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert UploadRun([str(photos), str(photos / "missing")], UploadOptions()).run() == 1

    output = capsys.readouterr()
    assert output.out.startswith("Sent 2 photos (8 bytes).")
    assert output.out.endswith("1 problem, named above.\n")
    assert output.err == f"{photos}/missing: No such file or directory.\n"
