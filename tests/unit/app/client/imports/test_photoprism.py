from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.client.imports.entries import NO_VIDEOS
from app.client.imports.files import DAMAGED_SIDECAR
from app.client.imports.photoprism import ARCHIVED, PhotoPrism
from detector.metadata.values import CaptureTime, Metadata, Position, TimeSource
from tests.support.import_trees import JPEG, VIDEO, by_name, write_tree, write_zip

SIDECAR = """\
TakenAt: 2019-07-27T16:03:00Z
TakenAtLocal: 2019-07-28T01:03:00Z
TakenSrc: meta
UID: ps6sg6be2lvl0y11
Type: image
Title: Tokyo Tower
TitleSrc: manual
Caption: The tower
CaptionSrc: manual
OriginalName: camera/IMG
Favorite: true
TimeZone: Asia/Tokyo
PlaceSrc: meta
Altitude: 17
Lat: 35.658581
Lng: 139.745433
Year: 2019
Details:
  Keywords: "night, tower"
  KeywordsSrc: manual
  Subject: Ann
  SubjectSrc: manual
CreatedAt: 2020-04-28T14:06:00Z
"""
ALBUM = """\
UID: as6sg6bxpoaaaaaa
Slug: berlin-2020
Type: album
Title: "Berlin: 2020"
Photos:
- UID: ps6sg6be2lvl0y11
  CreatedAt: 2020-02-06T02:06:51Z
- UID: ps6sg6be2lvl0yh8
  Hidden: true
- CreatedAt: 2020-02-06T02:06:51Z
- x
"""
NIGHT = datetime(2019, 7, 28, 1, 3)  # noqa: DTZ001 - a local time
UTC_NIGHT = NIGHT - timedelta(hours=9)


def read_one(folder: Path, sidecar: str) -> tuple[Metadata, list[tuple[str, str]]]:
    """Return the metadata of a photo with this sidecar, and the problems."""
    reader = PhotoPrism([write_tree(folder, {"originals/a.jpg": JPEG, "storage/sidecar/a.yml": sidecar})])
    (entry,) = reader
    return entry.metadata, reader.problems


def test_photoprism_reads_sidecars_and_albums(tmp_path: Path) -> None:
    files = {
        "originals/2019/07/IMG.jpg": JPEG,
        "originals/2019/07/other.jpg": JPEG,
        "storage/sidecar/2019/07/IMG.yml": SIDECAR,
        "storage/sidecar/2019/07/IMG.dng.jpg": JPEG,
        "storage/cache/thumbnails/a.jpg": JPEG,
        "storage/backup/albums/album/as6.yml": ALBUM,
        "storage/backup/albums/album/no-title.yml": "Type: album\nPhotos: []",
        "storage/albums/month/july.yml": ALBUM.replace("Type: album", "Type: month"),
    }
    reader = PhotoPrism([write_tree(tmp_path, files)])

    entries = by_name(reader)

    assert sorted(entries) == ["IMG.jpg", "other.jpg"]
    entry = entries["IMG.jpg"]
    assert entry.metadata == Metadata(
        taken=CaptureTime(NIGHT, TimeSource.SIDECAR, timedelta(hours=9)),
        title="Tokyo Tower",
        description="The tower",
        keywords=("Ann", "night", "tower"),
        position=Position(35.658581, 139.745433, 17),
    )
    assert (entry.favourite, entry.albums) == (True, ("Berlin: 2020",))
    other = entries["other.jpg"]
    assert (other.metadata, other.favourite, other.albums) == (Metadata(), False, ())
    assert reader.problems == []


def test_photoprism_reads_the_two_folders_apart_and_sidecars_next_to_photos(tmp_path: Path) -> None:
    originals = write_tree(tmp_path / "o", {"2019/a.jpg": JPEG, "2019/b.jpg": JPEG, "2019/b.yml": "Favorite: true"})
    storage = write_zip(tmp_path / "storage.zip", {"storage/sidecar/2019/a.yml": SIDECAR})

    entries = by_name(PhotoPrism([originals, storage]))

    assert {name: entry.favourite for name, entry in entries.items()} == {"a.jpg": True, "b.jpg": True}


@pytest.mark.parametrize(
    ("times", "taken"),
    [
        ("TakenAtLocal: 2019-07-28T01:03:00Z\nTimeZone: Asia/Tokyo", (NIGHT, timedelta(hours=9))),
        ("TimeZone: Asia/Tokyo", (NIGHT, timedelta(hours=9))),
        ("TimeZone: Mars/Base", (UTC_NIGHT, timedelta())),
        ("TimeZone: ../x", (UTC_NIGHT, timedelta())),
        ("TimeZone: Local\nTakenAtLocal: 2019-07-28T01:03:00Z", (NIGHT, None)),
        ("", (UTC_NIGHT, None)),
        ("TakenAtLocal: 2019-07-30T01:03:00Z\nTimeZone: Asia/Tokyo", (NIGHT + timedelta(days=2), None)),
        ("TakenAtLocal: x\nTimeZone: UTC", (UTC_NIGHT, timedelta())),
    ],
)
def test_photoprism_converts_times(tmp_path: Path, times: str, taken: tuple[datetime, timedelta | None]) -> None:
    metadata, _ = read_one(tmp_path, f"TakenAt: 2019-07-27T16:03:00Z\nTakenSrc: manual\n{times}")

    assert metadata.taken == CaptureTime(taken[0], TimeSource.SIDECAR, taken[1])


@pytest.mark.parametrize(
    "sidecar",
    [
        "TakenAt: 2019-07-27T16:03:00Z\nTakenSrc: estimate",
        "TakenAt: x\nTakenSrc: manual",
        "TakenAt: [1]\nTakenSrc: manual",
        "TakenAt: 1799-07-27T16:03:00Z\nTakenSrc: manual",
        "Title: Tokyo / Japan / 2019",
        "Title: Tokyo\nTitleSrc: location",
        "Title: Tokyo\nTitleSrc: [manual]",
        "Title: [Tokyo]\nTitleSrc: manual",
        "Lat: 35.6\nLng: 139.7\nPlaceSrc: estimate",
        "Lat: 0\nLng: 0",
        "Details:\n  Keywords: grey, main",
        "Details: x",
    ],
)
def test_photoprism_leaves_out_guesses_and_invalid_values(tmp_path: Path, sidecar: str) -> None:
    assert read_one(tmp_path, sidecar) == (Metadata(), [])


def test_photoprism_reads_the_description_of_earlier_versions(tmp_path: Path) -> None:
    metadata, _ = read_one(tmp_path, "Description: |\n  One\n  two\nDescriptionSrc: manual")

    assert metadata.description == "One\ntwo"


@pytest.mark.parametrize(
    "sidecar",
    [
        "a: [",
        "- a",
        "",
        "[" * 2_000,
        "? [a]\n: b",
        "a: *b",
        b"\xff\xfe\x00",
        "a: " + "b" * 2**20,
        "!!python/object:os.x {}\n- ",
    ],
)
def test_photoprism_with_a_damaged_sidecar_imports_the_photo_and_names_it(tmp_path: Path, sidecar: Any) -> None:
    assert read_one(tmp_path, sidecar) == (Metadata(), [(f"{tmp_path}/storage/sidecar/a.yml", DAMAGED_SIDECAR)])


def test_photoprism_names_what_it_does_not_import(tmp_path: Path) -> None:
    files = {
        "originals/a.jpg": JPEG,
        "originals/b.mp4": VIDEO,
        "originals/c.jpg": JPEG,
        "originals/c.png": JPEG,
        "storage/sidecar/a.yml": f"{SIDECAR}DeletedAt: 2020-04-28T14:06:00Z",
        "storage/sidecar/c.yml": "[",
    }
    reader = PhotoPrism([write_tree(tmp_path, files)])

    assert [entry.file.base for entry in reader] == ["c.jpg", "c.png"]
    assert reader.problems == [
        (f"{tmp_path}/originals/a.jpg", ARCHIVED),
        (f"{tmp_path}/originals/b.mp4", NO_VIDEOS),
        (f"{tmp_path}/storage/sidecar/c.yml", DAMAGED_SIDECAR),
    ]


def test_photoprism_with_unreadable_member_names_it(tmp_path: Path) -> None:
    path = tmp_path / "storage.zip"
    write_zip(path, {"storage/sidecar/a.yml": SIDECAR})
    path.write_bytes(path.read_bytes().replace(b"PK\3\4", b"????", 1))
    reader = PhotoPrism([write_tree(tmp_path / "o", {"a.jpg": JPEG}), str(path)])

    assert len(list(reader)) == 1
    assert reader.problems == [
        (f"{path}/storage/sidecar/a.yml", "This part of the zip file is damaged. Download it again.")
    ]
