"""The commands of `pixtag` for people, against PixTag on one machine."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from app.cli.main import main
from app.client.account import NOT_CONFIRMED
from infra.local.pixtag import PixTag
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.support.import_trees import VIDEO, make_takeout_sidecar, write_zip
from tests.support.pixtag_commands import ROOT

PASSWORD = "a laptop holds no secrets"
SECONDS = 20

Run = Callable[..., tuple[int | str | None, str, str]]


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """Let SIGINT interrupt this process and those that it starts, even if CI started it with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def account(pixtag: PixTag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A new account, in whose name the client acts, and empty folders for the state of the command line."""
    email = f"{uuid4()}@example.com"
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("NO_PROXY", "*")
    with httpx.Client(base_url=pixtag.url, trust_env=False) as client:
        new = {"email": email, "password": PASSWORD, "given_name": "Ada", "family_name": "Lovelace"}
        client.post("/auth/register", json=new).raise_for_status()
        confirmation = {"email": email, "code": pixtag.find_code(email), "password": PASSWORD}
        client.post("/auth/confirm", json=confirmation).raise_for_status()
        form = {"grant_type": "password", "username": email, "password": PASSWORD}
        token = client.post("/auth/token", data=form).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs `pixtag`, and returns its status, its output and its messages."""

    def run(*arguments: str, lines: str = "") -> tuple[int | str | None, str, str]:
        monkeypatch.setattr(sys, "argv", ["pixtag", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        try:
            main()
        except SystemExit as end:
            status = end.code
        output = capsys.readouterr()
        return status, output.out, output.err

    return run


@pytest.fixture
def signed_in(account: httpx.Client, run: Run) -> httpx.Client:
    email = account.get("/auth/me").json()["email"]
    status, output, _ = run("login", str(account.base_url), lines=f"{email}\n{PASSWORD}\n")
    assert status == 0
    assert f"Signed in to {str(account.base_url).rstrip('/')} as {email}. The key is in " in output
    return account


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three photos, one of them twice, and other files."""
    folder = tmp_path / "photos"
    (folder / "2019").mkdir(parents=True)
    for number in range(3):
        (folder / "2019" / f"{number}.png").write_bytes(scene(stop_signs=1) + bytes([number]))
    (folder / "copy.png").write_bytes(scene(stop_signs=1) + bytes([0]))
    (folder / "notes.txt").write_text("A day at the sea")
    return folder


def count_images(client: httpx.Client) -> int:
    images: list[object] = client.get("/images").json()["images"]
    return len(images)


def test_login_upload_status_and_logout(signed_in: httpx.Client, run: Run, photos: Path) -> None:
    assert run("upload", str(photos), "--dry-run")[:2] == (
        0,
        "".join(f"{photos}/{name}.png\n" for name in ("copy", "2019/0", "2019/1", "2019/2"))
        + "4 photos (70.3 kB) would be sent, except those that the account has.\n",
    )
    assert run("upload", str(photos), "--tag", "holiday", "--jobs", "2")[:2] == (
        0,
        "Sent 3 photos (52.7 kB). Known: 1. Unchanged since the last run: 0. Other files: 1.\n",
    )
    images = signed_in.get("/search", params={"q": "holiday=1, stop sign"}).json()["images"]
    assert len(images) == 3
    (photos / "broken.jpg").write_text("no photo")
    status, output, errors = run("upload", str(photos))
    assert (status, output.splitlines()) == (
        1,
        [
            "Sent 0 photos (0 bytes). Known: 0. Unchanged since the last run: 5. Other files: 0.",
            "1 problem, named above.",
        ],
    )
    assert errors == f"{photos}/broken.jpg: This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo.\n"
    status, output, _ = run("status")
    assert status == 0
    assert "Photos   3 (52.7 kB)\n" in output
    assert "Sent     4 files from this machine\n" in output

    (key,) = signed_in.get("/keys").json()["keys"]
    assert (key["scopes"], key["name"].startswith("pixtag on ")) == (["read", "upload", "edit"], True)
    assert run("logout", lines="wrong\n")[0] == "The e-mail address or the password is wrong."
    assert run("logout", lines=f"{PASSWORD}\n")[:2] == (0, f"Signed out of {signed_in.base_url}.\n".replace("/.", "."))
    assert signed_in.get("/keys").json()["keys"] == []
    assert run("status")[0] == "You are not signed in. Run `pixtag login`."


def test_second_login_revokes_the_first_key(signed_in: httpx.Client, run: Run) -> None:
    (first,) = signed_in.get("/keys").json()["keys"]
    email = signed_in.get("/auth/me").json()["email"]

    assert run("login", str(signed_in.base_url), lines=f"{email}\n{PASSWORD}\n")[0] == 0

    (second,) = signed_in.get("/keys").json()["keys"]
    assert second["id"] != first["id"]


def make_key(client: httpx.Client, *scopes: str) -> dict[str, str]:
    body = {"name": "NAS", "scopes": scopes, "expires_at": None}
    key: dict[str, str] = client.post("/keys", json=body).raise_for_status().json()
    return key


def test_key_that_is_revoked_between_uploads_is_named(account: httpx.Client, run: Run, photos: Path) -> None:
    key = make_key(account, "read", "upload")
    assert run("login", str(account.base_url), "--key", lines=f"{key['key']}\n")[0] == 0
    assert run("upload", str(photos / "2019" / "0.png"))[0] == 0
    assert run("upload", str(photos), "--tag", "sea")[2].startswith("This API key lacks the scope `edit`.")
    account.delete(f"/keys/{key['id']}").raise_for_status()

    status, output, errors = run("upload", str(photos))

    assert (status, errors) == (
        1,
        "The server rejects your key. It may be revoked or expired. Run `pixtag login`.\n",
    )
    assert output.startswith("Sent 0 photos (0 bytes). Known: 1. Unchanged since the last run: 1.")
    assert run("logout")[1].endswith("The key is still valid.\n")


def test_login_without_a_key_or_server_is_explained(account: httpx.Client, run: Run) -> None:
    assert run("login", str(account.base_url), "--key")[0] == "The standard input has no line with an API key."
    assert run("login", str(account.base_url))[0] == "The standard input has no line with an e-mail address."
    assert run("login", str(account.base_url), lines="a@b.c\n")[0] == "The standard input has no line with a password."
    status, _, errors = run("login", "http://nas.invalid", "--key", lines="secret\n")
    assert (status, "This address has no encryption" in errors) == (
        "This is not an API key. A key begins with pixtag_.",
        True,
    )


def test_login_before_the_confirmation_says_where_to_confirm(pixtag: PixTag, account: httpx.Client, run: Run) -> None:
    email = f"{uuid4()}@example.com"
    new = {"email": email, "password": PASSWORD, "given_name": "Ada", "family_name": "Lovelace"}
    account.post("/auth/register", json=new).raise_for_status()

    assert run("login", pixtag.url, lines=f"{email}\n{PASSWORD}\n")[0] == NOT_CONFIRMED.format(url=pixtag.url)


def test_search_tag_download_and_export(signed_in: httpx.Client, run: Run, photos: Path, tmp_path: Path) -> None:
    run("upload", str(photos), "--tag", "uploaded")
    status, output, _ = run("search", "stop sign, uploaded")
    assert status == 0
    ids = [line.split("  ")[0] for line in output.splitlines()]
    assert len(ids) == 3
    assert all(line.endswith("stop sign=1, uploaded=1") for line in output.splitlines())
    status, output, _ = run("search", "--json", "--limit", "1", "")
    assert (status, json.loads(output)["id"]) == (0, ids[0])
    status, output, errors = run("search", "stop sgn")
    assert (status, output) == (1, "")
    assert "stop sign" in errors

    assert run("tag", "uploaded", "--add", "sea=2", "--dry-run")[:2] == (0, "3 photos would change.\n")
    assert run("tag", "uploaded", "--add", "sea=2", "--remove", "uploaded")[:2] == (0, "Changed 3 photos.\n")
    status, output, errors = run("tag", *ids[:2], "0" * 26, "--remove", "sea=1")
    assert (status, output, errors.startswith("0" * 26 + ": ")) == (1, "Changed 2 photos.\n", True)
    assert [line.split("  ")[0] for line in run("search", "sea=2")[1].splitlines()] == ids[2:]

    folder = tmp_path / "download"
    assert run("download", "sea", str(folder))[:2] == (
        0,
        f"Downloaded 3 photos to {folder}. Present: 0. Failed: 0.\n",
    )
    originals = {path.read_bytes() for path in photos.rglob("*.png")}
    assert {path.read_bytes() for path in folder.glob("*.png")} == originals
    assert all("<rdf:li>sea</rdf:li>" in path.read_text() for path in folder.glob("*.png.xmp"))
    next(folder.glob("*.png")).write_bytes(b"cropped")
    status, output, errors = run("download", "", str(folder))
    assert (status, output) == (1, f"Downloaded 0 photos to {folder}. Present: 2. Failed: 1.\n")
    assert "has changed. Move it away" in errors

    file = tmp_path / "library.csv"
    assert run("export", str(file))[0] == 0
    assert file.read_text("utf-8-sig").count(",sea,") == 3
    assert run("export", str(file))[0] == f"{file} already exists. Choose another name, or delete this file first."


def test_export_without_a_file_is_printed(signed_in: httpx.Client, run: Run) -> None:
    status, output, _ = run("export", "--format", "coco")

    assert (status, json.loads(output)["images"]) == (0, [])


def test_interrupted_upload_continues(signed_in: httpx.Client, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.png").write_bytes(scene(stop_signs=1) + bytes([number]) + bytes(300_000))
    command = [sys.executable, "-m", "app.cli", "upload", str(folder), "--jobs", "2"]
    with subprocess.Popen(
        command, env=os.environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_until(lambda: count_images(signed_in) >= 3, SECONDS, "Nothing was sent.")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=SECONDS)

    assert (process.returncode, errors) == (130, "Stopped. Run the same command again to continue.\n")
    assert output.startswith("Sent ")
    status, output, _ = run("upload", str(folder))
    assert (status, " Unchanged since the last run: 0." in output) == (0, False)
    ids = {image["id"] for page in pages(signed_in) for image in page["images"]}
    assert len(ids) == 60


def pages(client: httpx.Client) -> Iterator[dict[str, list[dict[str, str]]]]:
    cursor: str | None = ""
    while cursor is not None:
        page = client.get("/images", params={"limit": 100} | ({"cursor": cursor} if cursor else {})).json()
        yield page
        cursor = page["next"]


def test_import_of_takeout_keeps_dates_people_and_albums(signed_in: httpx.Client, run: Run, tmp_path: Path) -> None:
    year, album = ("Takeout/Google Photos/Photos from 2019", "Takeout/Google Photos/Sea")
    sidecar = make_takeout_sidecar("a.png", people=[{"name": "Ann"}], description="The tower", favorited=True)
    photo = scene(stop_signs=1)
    write_zip(tmp_path / "1.zip", {f"{year}/a.png": photo, f"{year}/b.mp4": VIDEO, f"{album}/a.png": photo})
    write_zip(tmp_path / "2.zip", {f"{path}/a.png.supplemental-metadata.json": sidecar for path in (year, album)})
    write_zip(tmp_path / "3.zip", {f"{album}/Metadaten.json": {"title": "Sea, 2019"}})
    zips = [str(tmp_path / f"{number}.zip") for number in (1, 2, 3)]

    status, output, errors = run("import", "takeout", *zips)

    assert (status, output.splitlines()[0]) == (
        1,
        "Sent 1 photo (17.6 kB). Known: 1. Unchanged since the last run: 0. Other files: 0.",
    )
    assert errors.splitlines()[0] == f"{tmp_path}/1.zip/{year}/b.mp4: PixTag does not import videos."
    (image,) = signed_in.get("/search", params={"q": 'ann, is:favourite, album:"Sea, 2019"'}).json()["images"]
    details = signed_in.get(f"/images/{image['id']}").json()
    assert (details["taken_at"], details["taken_source"]) == ("2019-07-27T16:03:00+00:00", "sidecar")
    assert details["metadata"]["description"] == "The tower"
    assert "Unchanged since the last run: 2." in run("import", "takeout", *zips)[1]
    assert count_images(signed_in) == 1
