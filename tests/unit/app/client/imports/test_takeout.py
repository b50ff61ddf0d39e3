import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.client.imports.entries import NO_VIDEOS
from app.client.imports.files import CUT_ZIP, DAMAGED_SIDECAR
from app.client.imports.takeout import NO_PHOTO, TRASHED, Takeout
from detector.formats import NOT_A_PHOTO
from detector.metadata.values import CaptureTime, Metadata, Position, TimeSource
from tests.support.import_trees import HEIC, JPEG, VIDEO, by_name, make_takeout_sidecar, write_tree, write_zip

YEAR = "Takeout/Google Photos/Photos from 2019"
ALBUM = "Takeout/Google Photos/Gary_s birthday"
TAKEN = CaptureTime(datetime(2019, 7, 27, 16, 3), TimeSource.SIDECAR, timedelta())  # noqa: DTZ001 - a local time


def read_one(folder: Path, sidecar: Any) -> tuple[Metadata, list[tuple[str, str]]]:
    """Return the metadata of a photo with this sidecar, and the problems."""
    takeout = Takeout([write_tree(folder, {f"{YEAR}/a.jpg": JPEG, f"{YEAR}/a.jpg.json": sidecar})])
    (entry,) = takeout
    return entry.metadata, takeout.problems


def test_takeout_reads_the_values_of_a_sidecar(tmp_path: Path) -> None:
    sidecar = make_takeout_sidecar(
        "a.jpg",
        description="The tower\r\nat night",
        people=[{"name": "Ann"}, {"name": "Ben Ott"}, {}, "Cy"],
        geoData={"latitude": 35.658581, "longitude": 139.745433, "altitude": 17.5},
        geoDataExif={"latitude": 1.0, "longitude": 2.0, "altitude": 0.0},
        favorited=True,
        archived=True,
    )

    (entry,) = Takeout([write_tree(tmp_path, {f"{YEAR}/a.jpg": JPEG, f"{YEAR}/a.jpg.json": sidecar})])

    assert entry.metadata == Metadata(
        taken=TAKEN,
        description="The tower\nat night",
        keywords=("Ann", "Ben Ott"),
        position=Position(35.658581, 139.745433, 17.5),
    )
    assert (entry.favourite, entry.albums) == (True, ())
    assert entry.file.name == f"{YEAR}/a.jpg"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"geoDataExif": {"latitude": 1.0, "longitude": 2.0, "altitude": 0.0}}, {"position": Position(1, 2)}),
        ({"geoData": {"latitude": 91, "longitude": 2}}, {}),
        ({"geoData": {"latitude": "x", "longitude": None}}, {}),
        ({"geoData": [], "people": {}, "description": 3, "favorited": "yes", "trashed": "no"}, {}),
        ({"photoTakenTime": {"timestamp": "0"}}, {"taken": None}),
        ({"photoTakenTime": {"timestamp": "x"}}, {"taken": None}),
        ({"photoTakenTime": {"timestamp": "1e999"}}, {"taken": None}),
        ({"photoTakenTime": {"timestamp": "1e15"}}, {"taken": None}),
        ({"photoTakenTime": {"timestamp": "-99999999999"}}, {"taken": None}),
        ({"photoTakenTime": {}}, {"taken": None}),
        ({"photoTakenTime": {"timestamp": True}}, {"taken": None}),
        ({"description": "a" * 3_000}, {"description": "a" * 2_000}),
    ],
)
def test_takeout_leaves_out_invalid_values(tmp_path: Path, values: dict[str, Any], expected: dict[str, Any]) -> None:
    metadata, problems = read_one(tmp_path, make_takeout_sidecar("a.jpg", **values))

    assert metadata == Metadata(**{"taken": TAKEN, **expected})
    assert problems == []


def test_takeout_reads_times_before_1970(tmp_path: Path) -> None:
    metadata, _ = read_one(tmp_path, make_takeout_sidecar("a.jpg", photoTakenTime={"timestamp": "-86400"}))

    assert metadata.taken
    assert metadata.taken.local == datetime(1969, 12, 31)  # noqa: DTZ001 - a local time


@pytest.mark.parametrize(
    "sidecar", ["{", "[]", "null", "[" * 100_000, '"a"', " " * (2**20 + 1) + "{}", b"\xff\xfe\x00"]
)
def test_takeout_with_a_damaged_sidecar_imports_the_photo_and_names_it_once(tmp_path: Path, sidecar: Any) -> None:
    metadata, problems = read_one(tmp_path, sidecar)

    assert metadata == Metadata()
    assert problems == [(f"{tmp_path}/{YEAR}/a.jpg.json", DAMAGED_SIDECAR)]


def test_takeout_with_a_damaged_sidecar_with_a_cut_name_names_it_once(tmp_path: Path) -> None:
    name = "Screenshot_20220207_102421_com.snapchat.android.internal"
    files = {f"{YEAR}/{name}.jpg": JPEG, f"{YEAR}/{name[:46]}.json": "{"}
    takeout = Takeout([write_tree(tmp_path, files)])

    assert [entry.metadata for entry in takeout] == [Metadata()]
    assert takeout.problems == [(f"{tmp_path}/{YEAR}/{name[:46]}.json", DAMAGED_SIDECAR)]


def test_takeout_joins_zip_files(tmp_path: Path) -> None:
    first = {f"{YEAR}/a.jpg": JPEG, f"{YEAR}/b.jpg.supplemental-metadata.json": make_takeout_sidecar("b.jpg")}
    second = {
        f"{YEAR}/b.jpg": JPEG,
        f"{YEAR}/a.jpg.json": make_takeout_sidecar("a.jpg", description="A"),
        f"{ALBUM}/metadata.json": {"title": "Gary's birthday", "description": ""},
        f"{ALBUM}/../../evil.jpg": JPEG,
        "Takeout/archive_browser.html": "<html>",
    }
    third = {f"{ALBUM}/b.jpg": JPEG, f"{ALBUM}/b.jpg.json": make_takeout_sidecar("b.jpg", description="B")}
    for number, files in enumerate([first, second, third]):
        write_zip(tmp_path / f"takeout-{number}.zip", files)

    takeout = Takeout([str(tmp_path)])
    entries = [(entry.file.name, entry.metadata.description, entry.albums) for entry in takeout]

    assert sorted(entries) == [
        (f"{ALBUM}/../../evil.jpg", "", ()),
        (f"{ALBUM}/b.jpg", "B", ("Gary's birthday",)),
        (f"{YEAR}/a.jpg", "A", ()),
        (f"{YEAR}/b.jpg", "", ()),
    ]
    assert takeout.problems == []


def test_takeout_joins_zip_files_that_were_extracted_to_their_own_folders(tmp_path: Path) -> None:
    write_tree(tmp_path / "takeout-001", {f"{YEAR}/a.jpg": JPEG})
    write_tree(tmp_path / "takeout-002", {f"{YEAR}/a.jpg.json": make_takeout_sidecar("a.jpg", description="A")})
    takeout = Takeout([str(tmp_path)])

    assert [entry.metadata.description for entry in takeout] == ["A"]
    assert takeout.problems == []


@pytest.mark.parametrize("name", ["metadata.json", "Metadaten.json", "métadonnées.json", "метаданни.json"])
def test_takeout_finds_albums_in_all_languages(tmp_path: Path, name: str) -> None:
    files = {f"{ALBUM}/a.jpg": JPEG, f"{ALBUM}/comments.json": {"text": "!"}, f"{ALBUM}/{name}": {"title": " Party "}}

    (entry,) = Takeout([write_tree(tmp_path, files)])

    assert entry.albums == ("Party",)


@pytest.mark.parametrize(
    ("values", "albums"),
    [
        ({"albumData": {"title": "Party", "date": "May 6, 2016 11:45:15 PM"}, "media": []}, ("Party",)),
        ({"albumData": {"title": "2016/05/07"}}, ()),
        ({"title": "2013-02-02"}, ()),
        ({"title": "2013-02-02 Party"}, ("2013-02-02 Party",)),
        ({"title": ""}, ()),
        ({"title": 3, "albumData": []}, ()),
    ],
)
def test_takeout_reads_titles_of_albums_of_old_exports(
    tmp_path: Path, values: dict[str, Any], albums: tuple[str, ...]
) -> None:
    (entry,) = Takeout([write_tree(tmp_path, {f"{ALBUM}/a.jpg": JPEG, f"{ALBUM}/metadata.json": values})])

    assert entry.albums == albums


def test_takeout_removes_a_cut_emoji_from_the_title_of_an_album(tmp_path: Path) -> None:
    files = {f"{ALBUM}/a.jpg": JPEG, f"{ALBUM}/metadata.json": r'{"title": "Party \ud83c"}'}

    (entry,) = Takeout([write_tree(tmp_path, files)])

    assert entry.albums == ("Party",)


def test_takeout_gives_edited_copies_the_sidecar_of_the_original(tmp_path: Path) -> None:
    files = {
        f"{YEAR}/IMG.HEIC": HEIC,
        f"{YEAR}/IMG.HEIC.json": make_takeout_sidecar("IMG.HEIC", description="Sea"),
        f"{YEAR}/IMG-bearbeitet.jpg": JPEG,
        f"{YEAR}/other-word.jpg": JPEG,
    }

    entries = by_name(Takeout([write_tree(tmp_path, files)]))

    assert {name: entry.metadata.description for name, entry in entries.items()} == {
        "IMG.HEIC": "Sea",
        "IMG-bearbeitet.jpg": "Sea",
        "other-word.jpg": "",
    }


def test_takeout_names_what_it_does_not_import(tmp_path: Path) -> None:
    files = {
        f"{YEAR}/IMG.HEIC": HEIC,
        f"{YEAR}/IMG.HEIC.json": make_takeout_sidecar("IMG.HEIC"),
        f"{YEAR}/IMG.MP4": VIDEO,
        f"{YEAR}/film.mp4": VIDEO,
        f"{YEAR}/film.mp4.json": make_takeout_sidecar("film.mp4"),
        f"{YEAR}/PXL.MP~2": VIDEO,
        f"{YEAR}/raw.dng": b"II*\0" + bytes(600),
        f"{YEAR}/bin.jpg": JPEG,
        f"{YEAR}/bin.jpg.json": make_takeout_sidecar("bin.jpg", trashed=True),
        f"{YEAR}/lost.jpg.json": make_takeout_sidecar("lost.jpg"),
    }
    takeout = Takeout([write_tree(tmp_path, files)])

    assert [entry.file.base for entry in takeout] == ["IMG.HEIC"]
    root = f"{tmp_path}/{YEAR}"
    assert sorted(takeout.problems) == [
        (f"{root}/IMG.MP4", f"It is the video of the live photo IMG.HEIC. {NO_VIDEOS}"),
        (f"{root}/PXL.MP~2", NO_VIDEOS),
        (f"{root}/bin.jpg", TRASHED),
        (f"{root}/film.mp4", NO_VIDEOS),
        (f"{root}/lost.jpg.json", NO_PHOTO),
        (f"{root}/raw.dng", NOT_A_PHOTO),
    ]


def test_takeout_with_damaged_zip_files_names_them_and_reads_the_rest(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "1.zip", {f"{YEAR}/a.jpg": JPEG})
    cut = tmp_path / "2.zip"
    cut.write_bytes(Path(whole).read_bytes()[:-30])
    broken = tmp_path / "3.zip"
    write_zip(broken, {f"{YEAR}/c.jpg": JPEG, f"{YEAR}/c.jpg.json": make_takeout_sidecar("c.jpg")})
    with zipfile.ZipFile(broken) as archive:
        starts = [member.header_offset for member in archive.infolist()]
    data = bytearray(broken.read_bytes())
    data[starts[1] : starts[1] + 4] = b"????"
    broken.write_bytes(data)
    takeout = Takeout([whole, str(cut), str(broken), str(tmp_path / "missing.zip")])

    assert [entry.file.base for entry in takeout] == ["a.jpg", "c.jpg"]
    assert takeout.problems == [
        (str(cut), CUT_ZIP),
        (str(tmp_path / "missing.zip"), "No such file or directory."),
        (f"{broken}/{YEAR}/c.jpg.json", "This part of the zip file is damaged. Download it again."),
    ]


def test_takeout_can_be_read_again(tmp_path: Path) -> None:
    takeout = Takeout([write_tree(tmp_path, {f"{YEAR}/a.mp4": VIDEO, f"{YEAR}/a.jpg.json": "{"})])

    first = (list(takeout), takeout.problems)

    assert (list(takeout), takeout.problems) == first
    assert len(takeout.problems) == 2
