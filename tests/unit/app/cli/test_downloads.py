import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.cli import downloads
from app.cli.library import download
from app.client.connection import Connection, Waits
from app.client.downloads import NAMES_FILE
from app.client.login import Login, save_login
from tests.support.fake_server import KEY, STORE, URL

DATA = b"photo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "originals"


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The photos that match on a server. Commands are signed in there."""
    images: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url).startswith(STORE):
            return httpx.Response(206, stream=httpx.ByteStream(DATA))
        if request.url.path == "/search":
            return httpx.Response(200, json={"images": images, "next": None})
        return httpx.Response(200, json=next(image for image in images if request.url.path.endswith(image["id"])))

    def connect(login: Login, waits: Waits) -> Connection:
        return Connection(login.url, login.key, waits, transport=httpx.MockTransport(answer))

    monkeypatch.setattr(downloads, "connect", connect)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    save_login(Login(URL, KEY, "", "ada", ""))
    return images


def add(images: list[dict[str, Any]], number: int, original: str | None) -> None:
    metadata = {"title": "", "description": "", "rating": None, "position": None}
    image = {"id": f"image{number}", "name": f"{number}.jpg", "type": "image/jpeg", "size": len(DATA), "tags": []}
    images.append(image | {"taken_at": None, "taken_source": "upload", "metadata": metadata, "original": original})


def run(folder: Path) -> object:
    with pytest.raises(SystemExit) as end:
        download("sea", folder, jobs=3)
    return end.value.code


def test_photos_are_downloaded_and_problems_are_named(
    images: list[dict[str, Any]], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(8):
        add(images, number, f"{STORE}/{number}")

    assert run(folder) == 0
    add(images, 8, None)
    assert run(folder) == 1

    assert {path.read_bytes() for path in folder.glob("*.jpg")} == {DATA}
    names = [json.loads(line)["name"] for line in (folder / NAMES_FILE).read_text().splitlines() if line]
    assert names == [f"{number}.jpg" for number in range(9)]
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        f"Downloaded 8 photos to {folder}. Present: 0. Failed: 0.",
        f"Downloaded 0 photos to {folder}. Present: 8. Failed: 1.",
    ]
    assert output.err == "8.jpg: The server does not have the original of this photo.\n"


def test_without_a_match_no_folder_is_created(
    images: list[dict[str, Any]], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder) == 1

    output = capsys.readouterr()
    assert (output.out, output.err, folder.exists()) == ("", "No photo matches.\n", False)


def test_folder_that_cannot_be_used_is_named(
    images: list[dict[str, Any]], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(images, 1, f"{STORE}/1")
    folder.write_text("a file")

    assert run(folder) == 1

    output = capsys.readouterr()
    assert output.out == f"Downloaded 0 photos to {folder}. Present: 0. Failed: 0.\n"
    assert output.err == f"{folder} cannot be written: File exists.\n"


def test_interrupt_prints_the_summary(
    images: list[dict[str, Any]], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt  # a real signal can end the measurement of coverage; the tests of the jobs send one

    add(images, 1, f"{STORE}/1")
    monkeypatch.setattr(downloads, "run_jobs", interrupt)

    assert run(folder) == 130

    output = capsys.readouterr()
    assert output.out == f"Downloaded 0 photos to {folder}. Present: 0. Failed: 0.\n"
    assert output.err == "Stopped. Run the same command again to continue.\n"
