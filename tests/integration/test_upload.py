from http import HTTPStatus

import httpx
import pytest

from infra.local.scenes import scene
from tests.integration.conftest import Person
from tests.support.http_uploads import count_tags, get_image, send_form, upload, upload_with_form, wait_until_processed

ONE_SIGN = scene(stop_signs=1)


def test_uploaded_photo_is_found_by_its_tags(person: Person) -> None:
    client = person()

    image = upload_with_form(client, scene(stop_signs=2, clocks=1))

    assert count_tags(image) == {"stop sign": 2, "clock": 1}
    for query, matches in {"stop sign>=2, clock": 1, "stop sign>=3": 0, "clock|dog": 1, "!clock": 0}.items():
        assert len(client.get("/search", params={"q": query}).json()["images"]) == matches
    assert client.get("/tags").json()["tags"] == [
        {"tag": "clock", "images": 1, "objects": 1},
        {"tag": "stop sign", "images": 1, "objects": 2},
    ]


def test_image_links_lead_to_original_preview_and_thumbnail(person: Person) -> None:
    client = person()

    links = get_image(client, upload(client, ONE_SIGN, "a b.png"))["links"]

    original, preview, thumbnail = (
        httpx.get(links[name], trust_env=False) for name in ("original", "preview", "thumbnail")
    )
    assert original.content == ONE_SIGN
    assert original.headers["Content-Disposition"] == "attachment; filename=\"a b.png\"; filename*=UTF-8''a%20b.png"
    assert len(thumbnail.content) < len(preview.content) < len(ONE_SIGN)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html>", "This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo."),
        (b"\xff\xd8\xff", "This photo is damaged or cut off."),
    ],
)
def test_upload_that_is_not_a_photo_fails_with_reason(person: Person, data: bytes, reason: str) -> None:
    client = person()

    image = upload_with_form(client, data)

    assert (image["state"], image["reason"]) == ("failed", reason)
    assert client.get("/tags").json() == {"tags": []}


def test_image_of_another_person_is_not_found(person: Person) -> None:
    ada, grace = person(), person()
    url = send_form(ada, ONE_SIGN)
    wait_until_processed(ada, url)

    assert grace.get(url).status_code == HTTPStatus.NOT_FOUND
    assert grace.get("/images").json()["images"] == []
    assert grace.get("/search", params={"q": "stop sign"}).json()["images"] == []
