import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.cli import imports
from app.cli.main import main
from app.client.connection import Connection
from app.client.login import Login, save_login
from tests.support.fake_library import FakeLibrary
from tests.support.fake_server import JPEG, KEY, URL, problem
from tests.support.import_trees import VIDEO, make_takeout_sidecar, write_tree, write_zip

YEAR = "Takeout/Google Photos/Photos from 2019"
ALBUM = "Takeout/Google Photos/Party"

Run = Callable[..., tuple[int | str | None, str, str]]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    """A server, to which this machine is signed in."""
    server = FakeLibrary()
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    save_login(Login(URL, KEY, "key1", "ada", "ada@example.com"))

    def connect(login: Login, waits: Any) -> Connection:
        return Connection(login.url, login.key, waits, transport=server.transport)

    monkeypatch.setattr(imports, "connect", connect)
    return server


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs `pixtag import`, and returns its status, its output and its messages."""

    def run(*arguments: str) -> tuple[int | str | None, str, str]:
        monkeypatch.setattr(sys, "argv", ["pixtag", "import", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        output = capsys.readouterr()
        return end.value.code, output.out, output.err

    return run


@pytest.fixture
def export(tmp_path: Path) -> str:
    """A folder with an export of two zip files, one of whose photos is in an album too."""
    folder = tmp_path / "export"
    folder.mkdir()
    sidecar = make_takeout_sidecar("a.jpg", people=[{"name": "Ann"}], favorited=True)
    write_zip(folder / "1.zip", {f"{YEAR}/a.jpg": JPEG + b"a", f"{YEAR}/b.jpg": JPEG + b"b"})
    write_zip(
        folder / "2.zip",
        {
            f"{YEAR}/a.jpg.supplemental-metadata.json": sidecar,
            f"{ALBUM}/a.jpg": JPEG + b"a",
            f"{ALBUM}/a.jpg.supplemental-metadata.json": sidecar,
            f"{ALBUM}/Metadaten.json": {"title": "Party!"},
        },
    )
    return str(folder)


@pytest.mark.parametrize("chunk", [1, 500])
def test_import_takeout_sends_photos_metadata_and_albums(
    server: FakeLibrary, run: Run, export: str, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(imports, "CHUNK", chunk)

    status, output, _ = run("takeout", export)

    assert status == 0
    assert output == "Sent 2 photos (8 bytes). Known: 1. Unchanged since the last run: 0. Other files: 0.\n"
    assert sorted(server.images.values()) == [JPEG + b"a", JPEG + b"b"]
    (image,) = [image for image, data in server.images.items() if data.endswith(b"a")]
    assert server.uploads[image]["metadata"] == {"taken_at": "2019-07-27T16:03:00+00:00", "keywords": ["Ann"]}
    assert server.albums == {"": [image], "Party!": [image]}


def test_second_import_sends_nothing(server: FakeLibrary, run: Run, export: str) -> None:
    run("takeout", export)
    server.requests.clear()

    assert run("takeout", export)[:2] == (
        0,
        "Sent 0 photos (0 bytes). Known: 0. Unchanged since the last run: 3. Other files: 0.\n",
    )
    assert server.requests == []
    assert "Known: 3." in run("takeout", export, "--again")[1]


def test_dry_run_lists_photos_and_sends_nothing(server: FakeLibrary, run: Run, export: str) -> None:
    write_tree(Path(export), {"film.mp4": VIDEO})

    status, output, errors = run("takeout", export, "--dry-run")

    described = "2019-07-27T16:03:00+00:00  favourite"
    assert output.splitlines() == [
        f'{export}/2.zip/{ALBUM}/a.jpg  {described}  album "Party!"  tag Ann',
        f"{export}/1.zip/{YEAR}/a.jpg  {described}  tag Ann",
        f"{export}/1.zip/{YEAR}/b.jpg",
        "3 photos (12 bytes) would be sent, except those that the account has.",
        "1 problem, named above.",
    ]
    assert (status, server.requests) == (1, [])
    assert errors == f"{export}/film.mp4: PixTag does not import videos.\n"


def test_import_names_what_failed_and_completes_in_a_second_run(server: FakeLibrary, run: Run, export: str) -> None:
    (Path(export) / "3.zip").write_bytes(b"PK")
    server.answers = [("POST /albums", problem(403, "This key lacks the scope edit."))]

    status, output, errors = run("takeout", export)

    assert status == 1
    assert "1 problem, named above." in output
    assert f"{export}/3.zip: This zip file is cut or damaged. Download it again.\n" in errors
    assert errors.endswith("This key lacks the scope edit.\n")

    assert run("takeout", export)[0] == 1
    assert set(server.albums) == {"", "Party!"}


def test_import_that_is_interrupted_continues(server: FakeLibrary, run: Run, export: str) -> None:
    server.answers = [("POST /uploads", httpx.Response(401, json={"detail": "The key is revoked."}))]
    status, _, errors = run("takeout", export, "--jobs", "1")
    assert (status, "Run `pixtag login`." in errors) == (1, True)

    assert run("takeout", export)[0] == 0
    assert len(server.images) == 2


@pytest.mark.parametrize(
    ("arguments", "files", "expected"),
    [
        (["folder", "--folder-tags"], {"Sea/a.jpg": JPEG}, {"keywords": ["Sea"]}),
        (["folder"], {"Sea/a.jpg": JPEG}, {}),
        (["immich"], {"library/a.jpg": JPEG, "thumbs/b.jpg": JPEG + b"b"}, {}),
        (
            ["photoprism"],
            {"originals/a.jpg": JPEG, "storage/sidecar/a.yml": "Title: Sea\nTitleSrc: manual"},
            {"title": "Sea"},
        ),
    ],
)
def test_import_reads_other_programs(
    server: FakeLibrary, run: Run, tmp_path: Path, arguments: list[str], files: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert run(*arguments, write_tree(tmp_path / "tree", files))[0] == 0

    (upload,) = server.uploads.values()
    assert upload["metadata"] == expected
