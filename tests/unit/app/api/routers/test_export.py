import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.api import export_formats
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.domain.pages import Page
from app.domain.ports import Images
from app.domain.tags import MAX_TAGS, TagEdit
from app.main import handler
from detector import BoundingBox, Detection
from tests.support.exports import check_coco, export, fetch_pages, list_boxes, make_image, table_rows
from tests.support.stored_data import ON_AWS
from tests.support.tokens import claims, sign
from tests.unit.app.conftest import Caller
from tests.unit.app.test_main import event

MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)
MOST_DETECTIONS = 6_400  # their item has 400 KB, the maximum of DynamoDB
MEBIBYTE = 2**20
ID = "[0-7][0-9a-hjkmnp-tv-z]{25}"


@pytest.mark.parametrize(
    ("kind", "media_type", "extension"),
    [("csv", "text/csv; charset=utf-8", "csv"), ("coco", "application/json", "json")],
)
def test_each_page_has_its_own_file_name(
    client: TestClient, images: Images, owner: str, kind: str, media_type: str, extension: str
) -> None:
    _, last = (images.save(make_image(owner)) for _ in range(2))

    first, second, *_ = fetch_pages(client, kind, limit=1)

    assert first.headers["Content-Type"] == second.headers["Content-Type"] == media_type
    file_names = [response.headers["Content-Disposition"] for response in (first, second)]
    day = r"pixtag-\d{4}-\d\d-\d\d"
    assert re.fullmatch(f'attachment; filename="{day}[.]{extension}"', file_names[0])
    assert re.fullmatch(f'attachment; filename="{day}-{last.id}[.]{extension}"', file_names[1])


def test_empty_library_returns_empty_document(client: TestClient) -> None:
    assert export(client, "csv") == []
    document = export(client, "coco")
    check_coco(document)
    assert document["images"] == document["annotations"] == document["categories"] == []


def test_export_contains_only_ready_images_of_caller(caller: Caller, images: Images, owner: str) -> None:
    saved = {state: images.save(replace(make_image(owner, dog=1), state=state)) for state in ImageState}
    other_owner = "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f"
    other = images.save(make_image(other_owner, cat=1))

    for caller_id, expected in ((owner, saved[ImageState.READY]), (other_owner, other)):
        client = caller(caller_id)
        assert [row[0] for row in export(client)] == [expected.id]
        assert [entry["pixtag_id"] for entry in export(client, "coco")["images"]] == [expected.id]


def test_pages_together_contain_whole_library(client: TestClient, images: Images, owner: str) -> None:
    saved = [images.save(make_image(owner, dog=number % 3, cat=number % 2)) for number in range(7)]

    documents = [response.json() for response in fetch_pages(client, "coco", limit=3)]

    for document in documents:
        check_coco(document)
    assert [len(document["images"]) for document in documents] == [3, 3, 1]
    newest_first = saved[::-1]
    assert [entry["pixtag_id"] for document in documents for entry in document["images"]] == [
        image.id for image in newest_first
    ]
    assert Counter((image_id, name) for document in documents for image_id, name, _ in list_boxes(document)) == Counter(
        (image.id, detection.label) for image in saved for detection in image.detections
    )
    (whole,) = fetch_pages(client, "csv")
    rows = [row for response in fetch_pages(client, "csv", limit=3) for row in table_rows(response)[1:]]
    assert rows == table_rows(whole)[1:]


@pytest.mark.parametrize("kind", ["csv", "coco"])
def test_export_of_thousand_images_contains_each_once(
    client: TestClient, images: Images, owner: str, kind: str
) -> None:
    saved = [images.save(make_image(owner)) for _ in range(1_000)]

    responses = list(fetch_pages(client, kind, limit=300))

    assert len(responses) == 4
    ids = [image_id for response in responses for image_id in re.findall(ID, response.text)]
    assert ids == sorted((image.id for image in saved), reverse=True)


def make_crowded_image(owner: str) -> Image:
    """Return an image with as many detections as an item can contain."""
    detection = Detection("dining table", 0.8765, BoundingBox(1234.5, 1234.6, 3456.7, 2345.6))
    return replace(make_image(owner), detections=(detection,) * MOST_DETECTIONS)


def make_wordy_image(owner: str) -> Image:
    """Return an image with the longest possible name and tags, which get even longer when they are quoted."""
    edits = {"😀" * 60 + str(number): TagEdit(999, MOMENT) for number in range(MAX_TAGS)}
    return replace(make_image(owner), name='"' * 255, edits=edits)


@ON_AWS
@pytest.mark.parametrize(
    ("kind", "make", "count"),
    [("coco", make_crowded_image, 7), ("coco", make_wordy_image, 500), ("csv", make_wordy_image, 500)],
)
def test_page_of_large_images_fits_into_lambda_response(
    client: TestClient,
    images: Images,
    owner: str,
    kind: str,
    make: Callable[[str], Image],
    count: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = sorted((new_id() for _ in range(count)), reverse=True)
    page = Page([replace(make(owner), id=image_id) for image_id in ids], None)
    monkeypatch.setattr(images, "list_details", lambda *_: page)

    response = client.get(f"/export/{kind}")

    assert len(response.content) < 5 * MEBIBYTE
    assert 3.5 * MEBIBYTE < len(json.dumps(response.text)) < 5 * MEBIBYTE  # as Lambda returns it
    exported_ids = list(dict.fromkeys(re.findall(ID, response.text)))
    assert exported_ids == ids[: len(exported_ids)]
    assert f"cursor={exported_ids[-1]}>" in response.headers["Link"]


@pytest.mark.parametrize("kind", ["csv", "coco"])
def test_page_after_full_page_starts_with_next_image(
    client: TestClient, images: Images, owner: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_formats, "FULL_PAGE_BYTES", 150)
    saved = [images.save(make_image(owner, dog=1)) for _ in range(7)]

    responses = list(fetch_pages(client, kind))

    assert len(responses) > 3
    ids = [image_id for response in responses for image_id in re.findall(ID, response.text)]
    assert ids == sorted((image.id for image in saved), reverse=True)


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/export/csv", {"cursor": "garbage"}, 400),
        ("/export/coco", {"cursor": '"\r\nX: y'}, 400),
        ("/export/csv", {"limit": "0"}, 422),
        ("/export/csv", {"limit": "1001"}, 422),
        ("/export/xml", {}, 404),
        ("/export", {"format": "csv"}, 404),
    ],
)
def test_export_with_invalid_parameter_returns_problem(
    client: TestClient, path: str, params: dict[str, str], status: int
) -> None:
    response = client.get(path, params=params)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["csv", "coco"])
def test_handler_returns_export_as_plain_text(client: TestClient, images: Images, owner: str, kind: str) -> None:
    saved = images.save(replace(make_image(owner), name="写真.jpg"))
    request = event(f"/export/{kind}") | {
        "headers": {"host": "pixtag.example", "authorization": f"Bearer {sign(claims(owner))}"},
    }

    response = handler(request, {})  # type: ignore[arg-type]  # the context is not used

    assert (response["statusCode"], response["isBase64Encoded"]) == (200, False)
    assert saved.id in response["body"]
