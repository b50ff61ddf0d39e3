from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.client.sidecars import make_sidecar
from app.domain.ids import Rendition, new_id
from app.domain.images import Image, ImageState, move_to_trash
from app.domain.ports import Images, Objects
from app.domain.uploads import Upload
from detector.metadata.values import CaptureTime, Metadata, Position, TimeSource
from tests.support.boxes import NOW
from tests.support.fakes import image as picture

LONG = "é" * 200


def prepare(client: TestClient, *ids: str) -> list[dict[str, Any]]:
    response = client.post("/images/downloads", json={"ids": ids})
    assert response.status_code == 200, response.text
    downloads: list[dict[str, Any]] = response.json()["downloads"]
    return downloads


@pytest.fixture
def dated(images: Images, owner: str) -> Image:
    metadata = Metadata(title="Tower", description="At <night>", rating=4, position=Position(35.5, -0.25, 17.5))
    taken = CaptureTime(NOW.replace(tzinfo=None), TimeSource.EXIF)
    return images.save(replace(picture(owner, dog=2), metadata=metadata, taken=taken))


def test_download_has_the_original_and_the_sidecar_that_the_client_makes(client: TestClient, dated: Image) -> None:
    details = client.get(f"/images/{dated.id}").json()

    assert prepare(client, dated.id) == [
        {
            "id": dated.id,
            "file_name": dated.name,
            "size": dated.size,
            "original": details["original"],
            "sidecar": make_sidecar(details),
        }
    ]


def test_download_of_an_upload_without_a_date_has_no_date(client: TestClient, images: Images, owner: str) -> None:
    unknown = images.save(picture(owner, dog=1))

    (download,) = prepare(client, unknown.id)

    assert download["sidecar"] == make_sidecar(client.get(f"/images/{unknown.id}").json())
    assert "Date" not in download["sidecar"]


def test_downloads_are_in_the_order_of_the_request_and_once_each(
    client: TestClient, images: Images, owner: str
) -> None:
    ids = [images.save(picture(owner, dog=number)).id for number in (1, 2, 3)]
    wanted = [ids[2], ids[0], ids[2], ids[1]]

    assert [each["id"] for each in prepare(client, *wanted)] == [ids[2], ids[0], ids[1]]


def test_images_without_original_are_left_out(client: TestClient, images: Images, owner: str) -> None:
    trashed = images.save(picture(owner, dog=1))
    images.save(move_to_trash(trashed, NOW), trashed)
    failed = images.save(replace(picture(owner), state=ImageState.FAILED, reason="Damaged."))
    others = images.save(picture(new_id(), dog=1))

    assert prepare(client, trashed.id, failed.id, others.id, new_id(), "../../etc") == []


def test_failed_image_with_original_is_included(
    client: TestClient, images: Images, objects: Objects, owner: str
) -> None:
    failed = images.save(replace(picture(owner), state=ImageState.FAILED, reason="Damaged."))
    upload = Upload(b"not a photo", "image/jpeg", "a.jpg", NOW)
    objects.claim(Rendition.ORIGINAL.key(owner, failed.id), upload)

    assert [each["id"] for each in prepare(client, failed.id)] == [failed.id]


def test_long_name_has_room_for_a_number_and_the_sidecar(client: TestClient, images: Images, owner: str) -> None:
    saved = images.save(replace(picture(owner, dog=1), name=f"{LONG}.jpg"))

    (download,) = prepare(client, saved.id)

    assert download["file_name"] == f"{'é' * 118}.jpg"


@pytest.mark.parametrize("body", [{"ids": []}, {"ids": ["a"] * 101}, {"ids": ["a" * 65]}, {}, {"ids": [1]}])
def test_request_without_1_to_100_ids_is_rejected(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/images/downloads", json=body).status_code == 422
