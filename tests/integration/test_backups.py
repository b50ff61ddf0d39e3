"""Libraries move from one machine to emulated AWS and back by backups."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from infra.local.cloud import Ports, local_cloud
from infra.local.pixtag import run_pixtag
from infra.local.scenes import scene
from tests.support.documents import ROOT
from tests.support.http_uploads import upload

PEOPLE: Final = ("ada@example.com", "grace@example.com")
PASSWORD: Final = "the password after the move"

Exports = dict[str, Any]


def run_command(*arguments: object, variables: Mapping[str, str] | None = None) -> str:
    """Run `pixtag` and return its output."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PIXTAG_"))}
    result = subprocess.run(
        [sys.executable, "-m", "app.cli", *map(str, arguments)],
        env=dict(variables or others),
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def fill(client: httpx.Client, signs: int) -> None:
    """Upload photos, edit one, move one to the trash, and subscribe to a query."""
    edited = upload(client, scene(stop_signs=signs, clocks=1), "Straße.png")
    trashed = upload(client, scene(clocks=signs), "clock.png")
    upload(client, scene(clocks=signs + 3), "clocks.png")
    image = client.get(edited).raise_for_status().json()
    detection = image["detections"][0]["id"]
    client.patch(f"{edited}/detections/{detection}", json={"label": "cat"}).raise_for_status()
    ids = {"ids": [edited.rpartition("/")[2]]}
    client.post("/tags", json={"add": [{"tag": "sea", "count": 3}], "images": ids}).raise_for_status()
    client.delete(trashed).raise_for_status()
    client.post("/subscriptions", json={"query": "dog>=2"}).raise_for_status()


def read_library(client: httpx.Client) -> Exports:
    """Return the exports, and what else a person sees of the library."""
    export = {kind: client.get(f"/export/{kind}").raise_for_status() for kind in ("coco", "csv")}
    return {
        "coco": export["coco"].json() | {"info": "contains the time of the export"},
        "csv": export["csv"].text,
        "tags": client.get("/tags").raise_for_status().json(),
        "usage": [client.get("/usage").raise_for_status().json()[each] for each in ("images", "bytes")],
        "trash": [each["id"] for each in list_photos(client, state="trashed")],
        "subscriptions": [
            subscription | {"matched": "counted later"}
            for subscription in client.get("/subscriptions").raise_for_status().json()["subscriptions"]
        ],
        "originals": [read_original(client, photo["id"]) for photo in list_photos(client)],
    }


def list_photos(client: httpx.Client, **parameters: str) -> list[dict[str, Any]]:
    photos: list[dict[str, Any]] = client.get("/images", params=parameters).raise_for_status().json()["images"]
    return photos


def read_original(client: httpx.Client, image_id: str) -> bytes:
    links = client.get(f"/images/{image_id}").raise_for_status().json()["links"]
    return httpx.get(links["original"], trust_env=False).raise_for_status().content


@contextmanager
def reset_password(url: str, email: str, find_code: Callable[[str], str]) -> Iterator[httpx.Client]:
    """Set a new password with a code, as "Forgot password?" does, and yield the client of the person."""
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        client.post("/auth/forgot", json={"email": email}).raise_for_status()
        change = {"email": email, "code": find_code(email), "password": PASSWORD}
        client.post("/auth/reset", json=change).raise_for_status()
        form = {"grant_type": "password", "username": email, "password": PASSWORD}
        token = client.post("/auth/token", data=form).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield client


@pytest.mark.timeout(300)
def test_libraries_move_to_aws_and_back_without_a_change(tmp_path: Path) -> None:
    first, second = tmp_path / "first.backup", tmp_path / "second.backup"
    expected: dict[str, Exports] = {}
    with run_pixtag(tmp_path / "first") as pixtag:
        for signs, email in enumerate(PEOPLE, start=1):
            with pixtag.person(email) as client:
                fill(client, signs)
                expected[email] = read_library(client)
        run_command("backup", first, "--data", pixtag.data)

    with local_cloud(tmp_path, Ports.find_free(), quiet=True) as cloud:
        run_command("restore", first, variables=cloud.environment)
        for email in PEOPLE:
            with reset_password(cloud.url, email, cloud.find_code) as client:
                assert read_library(client) == expected[email]
        run_command("backup", second, variables=cloud.environment)

    run_command("restore", second, "--data", tmp_path / "second")
    with run_pixtag(tmp_path / "second") as pixtag:
        for email in PEOPLE:
            with reset_password(pixtag.url, email, pixtag.find_code) as client:
                assert read_library(client) == expected[email]
