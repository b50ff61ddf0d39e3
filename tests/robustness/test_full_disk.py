"""PixTag on a small file system that other programs fill: nothing that was acknowledged is lost."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from app.adapters.local.disk import EDIT_RESERVE_BYTES, UPLOAD_RESERVE_BYTES
from infra.local.pixtag import PixTag, run_pixtag
from infra.local.program import wait_until
from tests.support.local_invariants import check_local_invariants
from tests.support.photos import make_gray_jpeg
from tests.support.small_disk import MIB, filled

SECONDS: Final = 60
EMAIL: Final = "ada@example.com"


@pytest.fixture
def pixtag(pixtag_on_disk: PixTag) -> PixTag:
    return pixtag_on_disk


def upload(person: httpx.Client, shade: int) -> httpx.Response:
    return person.post("/images", files={"file": ("a.jpg", make_gray_jpeg(shade), "image/jpeg")})


def add_photo(person: httpx.Client, shade: int) -> str:
    """Upload a photo and wait until it is ready. Return the id of its image."""
    image_id: str = upload(person, shade).raise_for_status().json()["id"]
    wait_until(lambda: get_state(person, image_id) == "ready", SECONDS, "The photo is not processed.")
    return image_id


def get_state(person: httpx.Client, image_id: str) -> str:
    state: str = person.get(f"/images/{image_id}").raise_for_status().json()["state"]
    return state


def edit(person: httpx.Client, image_id: str, tag: str) -> httpx.Response:
    return person.post("/tags", json={"add": [{"tag": tag}], "images": {"ids": [image_id]}})


def change(person: httpx.Client, action: str, image_id: str) -> int:
    """Trash, restore or purge an image. Return the number of changed images."""
    response = person.post(f"/images/{action}", json={"images": {"ids": [image_id]}})
    changed: int = response.raise_for_status().json()["changed"]
    return changed


def get_health(person: httpx.Client) -> Any:
    return person.get("/health").raise_for_status().json()


def is_refused(response: httpx.Response) -> bool:
    return (response.status_code, response.json()["type"]) == (507, "urn:pixtag:storage-full")


def test_full_disk_refuses_uploads_then_edits_and_everything_else_works(disk: Path, pixtag: PixTag) -> None:
    with pixtag.person(EMAIL) as person:
        first, second = (add_photo(person, shade) for shade in (10, 20))
        assert edit(person, first, "summer").json()["changed"] == 1
        assert get_health(person)["storage"] == "ok"

        with filled(disk, (UPLOAD_RESERVE_BYTES + EDIT_RESERVE_BYTES) // 2):
            assert get_health(person).items() >= {"status": "ok", "worker": "running", "storage": "low"}.items()
            assert is_refused(upload(person, 30))
            assert edit(person, first, "beach").json()["changed"] == 1

        with filled(disk, EDIT_RESERVE_BYTES - 4 * MIB):
            assert get_health(person)["storage"] == "full"
            assert EDIT_RESERVE_BYTES > person.get("/usage").json()["free_bytes"] > 0
            refused = [
                upload(person, 40),
                edit(person, first, "lost"),
                person.post("/subscriptions", json={"query": "dog"}),
                person.post("/auth/forgot", json={"email": EMAIL}),
            ]
            assert all(map(is_refused, refused))
            page = person.get("/images").raise_for_status().json()
            assert {image["id"] for image in page["images"]} == {first, second}
            assert person.get(page["images"][0]["links"]["preview"]).status_code == 200
            assert len(person.get("/search", params={"q": "summer, beach"}).json()["images"]) == 1
            for action in ("trash", "restore", "trash", "purge"):
                assert change(person, action, second) == 1

        assert edit(person, first, "winter").json()["changed"] == 1
        add_photo(person, 50)
        tags = person.get(f"/images/{first}").json()["tags"]
        assert {tag["tag"] for tag in tags} >= {"summer", "beach", "winter"}
        assert person.get(f"/images/{second}").status_code == 404


def test_disk_without_any_space_loses_nothing_that_was_acknowledged(disk: Path, pixtag: PixTag) -> None:
    with pixtag.person(EMAIL) as person:
        image_id = add_photo(person, 10)
        with filled(disk, 40 * MIB):
            waiting = upload(person, 20).raise_for_status().json()["id"]
        with filled(disk, 0):
            statuses = {
                *(edit(person, image_id, f"tag {number}").status_code for number in range(5)),
                upload(person, 30).status_code,
            }
            assert statuses == {507}
            assert person.get("/images").status_code == 200
            trashed = person.post("/images/trash", json={"images": {"ids": [image_id]}})
            assert trashed.status_code in {200, 507}

        wait_until(lambda: get_state(person, waiting) == "ready", SECONDS, "The upload is not processed.")
        expected = "trashed" if trashed.status_code == 200 and trashed.json()["changed"] else "ready"
        assert get_state(person, image_id) == expected
    pixtag.program.kill()
    with run_pixtag(pixtag.data, log=disk.with_name("again.log")):
        pass
    check_local_invariants(pixtag.data)


def test_start_and_recovery_without_any_space_say_so_and_change_nothing(disk: Path) -> None:
    with run_pixtag(disk / "data", log=disk.with_name("first.log")):
        pass
    before = (disk / "data" / "pixtag.db").read_bytes()
    with filled(disk, 0):
        for command in (["run", "--port", "0"], ["recover"]):
            process = subprocess.run(
                [sys.executable, "-m", "app.cli", *command, "--data", disk / "data"],
                check=False,
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
            assert process.returncode == 1
            last = process.stderr.splitlines()[-1]
            assert (
                "No space left on device" in last or "disk of this PixTag is full" in last or "cannot be read" in last
            )
            assert "Traceback" not in process.stderr

    assert (disk / "data" / "pixtag.db").read_bytes() == before
