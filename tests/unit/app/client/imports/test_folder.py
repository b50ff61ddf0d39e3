from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.client.imports.entries import NO_VIDEOS
from app.client.imports.files import DAMAGED_SIDECAR
from app.client.imports.folder import IMMICH_FOLDERS, Folder
from app.client.imports.xmp_sidecars import NO_PHOTO
from detector.formats import NOT_A_PHOTO
from detector.metadata.values import CaptureTime, Metadata, Position, TimeSource
from tests.support.import_trees import JPEG, VIDEO, by_name, make_xmp, write_tree, write_zip

TITLE = make_xmp("<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Sea</rdf:li></rdf:Alt></dc:title>")
IMMICH = make_xmp(
    "<exif:DateTimeOriginal>2019-07-28T01:03:00+09:00</exif:DateTimeOriginal>"
    "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>The tower</rdf:li></rdf:Alt></dc:description>"
    "<xmp:Rating>4</xmp:Rating>"
    "<exif:GPSLatitude>35,39.514860N</exif:GPSLatitude><exif:GPSLongitude>139,44.725980E</exif:GPSLongitude>"
    "<digiKam:TagsList><rdf:Seq><rdf:li>People/Ann</rdf:li><rdf:li>Tokyo</rdf:li></rdf:Seq></digiKam:TagsList>"
)


@pytest.mark.parametrize("sidecar", ["a/IMG.jpg.xmp", "a/IMG.xmp", "a/IMG.JPG.XMP"])
def test_folder_reads_xmp_sidecars(tmp_path: Path, sidecar: str) -> None:
    folder = Folder([write_tree(tmp_path, {"a/IMG.jpg": JPEG, sidecar: TITLE, "b/IMG.jpg": JPEG})])

    assert [(entry.file.name, entry.metadata) for entry in folder] == [
        ("a/IMG.jpg", Metadata(title="Sea")),
        ("b/IMG.jpg", Metadata()),
    ]
    assert folder.problems == []


def test_folder_prefers_the_sidecar_with_the_whole_name(tmp_path: Path) -> None:
    other = TITLE.replace("Sea", "Raw")
    files = {"IMG.jpg": JPEG, "IMG.dng": VIDEO, "IMG.jpg.xmp": TITLE, "IMG.xmp": other}
    folder = Folder([write_tree(tmp_path, files)])

    assert [entry.metadata.title for entry in folder] == ["Sea"]
    assert folder.problems == [(f"{tmp_path}/IMG.dng", NOT_A_PHOTO)]


def test_folder_tells_names_apart_that_differ_in_case(tmp_path: Path) -> None:
    other = TITLE.replace("Sea", "Copy")
    files = {"IMG.JPG": JPEG, "IMG.JPG.xmp": TITLE, "IMG.jpg": JPEG, "IMG.jpg.xmp": other}
    folder = Folder([write_zip(tmp_path / "a.zip", files)])  # some file systems ignore case

    assert {entry.file.name: entry.metadata.title for entry in folder} == {"IMG.JPG": "Sea", "IMG.jpg": "Copy"}
    assert folder.problems == []


def test_folder_reads_what_immich_writes(tmp_path: Path) -> None:
    files = {
        "library/admin/2019/IMG.jpg": JPEG,
        "library/admin/2019/IMG.jpg.xmp": IMMICH,
        "thumbs/u/IMG.jpg": JPEG,
        "profile/u/me.jpg": JPEG,
    }

    (entry,) = Folder([write_tree(tmp_path, files)], left_out=IMMICH_FOLDERS)

    night = datetime(2019, 7, 28, 1, 3)  # noqa: DTZ001 - a local time
    assert entry.metadata == Metadata(
        taken=CaptureTime(night, TimeSource.SIDECAR, timedelta(hours=9)),
        description="The tower",
        rating=4,
        position=Position(35.658581, 139.745433),
        keywords=("Ann", "Tokyo"),
    )


@pytest.mark.parametrize(
    "damage",
    [
        TITLE[:-60],
        f"<!DOCTYPE a [<!ENTITY b 'c'>]>{TITLE}".replace("<x:xmpmeta", "<a/><x:xmpmeta") + "<",
        TITLE + " " * 2**20,
    ],
    ids=["cut", "entities", "size"],
)
def test_folder_names_damaged_sidecars_once(tmp_path: Path, damage: str) -> None:
    folder = Folder([write_tree(tmp_path, {"a.jpg": JPEG, "a.png": JPEG, "a.xmp": damage})])

    assert len(list(folder)) == 2
    assert folder.problems == [(f"{tmp_path}/a.xmp", DAMAGED_SIDECAR)]


def test_folder_leaves_out_implausible_dates(tmp_path: Path) -> None:
    sidecar = make_xmp("<exif:DateTimeOriginal>1799-01-01T00:00:00</exif:DateTimeOriginal>")

    (entry,) = Folder([write_tree(tmp_path, {"a.jpg": JPEG, "a.jpg.xmp": sidecar})])

    assert entry.metadata == Metadata()


def test_folder_names_what_it_does_not_import(tmp_path: Path) -> None:
    files = {
        "a.jpg": JPEG,
        "a.mov": VIDEO,
        "notes.txt": b"notes",
        "lost.xmp": TITLE,
        "Thumbs.db": b"x",
        ".hidden.jpg": JPEG,
        "empty.jpg": b"",
    }
    folder = Folder([write_tree(tmp_path, files)])

    assert [entry.file.name for entry in folder] == ["a.jpg"]
    assert sorted(folder.problems) == [
        (f"{tmp_path}/a.mov", NO_VIDEOS),
        (f"{tmp_path}/empty.jpg", NOT_A_PHOTO),
        (f"{tmp_path}/lost.xmp", NO_PHOTO),
        (f"{tmp_path}/notes.txt", NOT_A_PHOTO),
    ]


def test_folder_tags_are_the_names_of_folders(tmp_path: Path) -> None:
    root = write_tree(
        tmp_path / "Photos", {"2019/Sea trip/a.jpg": JPEG, "2019/Sea trip/a.jpg.xmp": IMMICH, "b.jpg": JPEG}
    )

    entries = by_name(Folder([root], folder_tags=True))

    assert {name: entry.metadata.keywords for name, entry in entries.items()} == {
        "a.jpg": ("Ann", "Tokyo", "2019", "Sea trip"),
        "b.jpg": (),
    }


def test_folder_reads_single_files_and_zip_files(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", {"x/": b"", "x/a.jpg": JPEG, "x/a.jpg.xmp": TITLE})
    write_tree(tmp_path, {"b.jpg": JPEG, "c.jpg": JPEG})
    folder = Folder([str(tmp_path / "a.zip"), str(tmp_path / "b.jpg")])

    entries = [(entry.file.label, entry.metadata.title) for entry in folder]

    assert entries == [(f"{tmp_path}/a.zip/x/a.jpg", "Sea"), (f"{tmp_path}/b.jpg", "")]


def encrypt(path: Path) -> None:
    """Set the flags of all members that say that they are encrypted."""
    data = path.read_bytes()
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        parts = data.split(mark)
        data = mark.join([parts[0], *(part[: offset - 4] + b"\1" + part[offset - 3 :] for part in parts[1:])])
    path.write_bytes(data)


def test_folder_names_encrypted_members(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write_zip(path, {"a.jpg": JPEG, "a.xmp": TITLE})
    encrypt(path)
    folder = Folder([str(path)])

    assert list(folder) == []
    reason = "The zip file is encrypted. Extract it first."
    assert sorted(folder.problems) == [(f"{path}/a.jpg", reason), (f"{path}/a.xmp", reason)]


def test_folder_names_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_zip(tmp_path / "a.zip", {"a.jpg": JPEG})
    write_tree(tmp_path, {"b.jpg": JPEG, "c.jpg": JPEG})
    openers = {"b.jpg": Path.open}

    def refuse(path: Path, *arguments: Any) -> Any:
        if path.name == "b.jpg":
            raise PermissionError(13, "Permission denied")
        return openers["b.jpg"](path, *arguments)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("zipfile.ZipFile", lambda path: refuse(Path("b.jpg")))
    folder = Folder([str(tmp_path)])

    assert [entry.file.name for entry in folder] == ["c.jpg"]
    assert folder.problems == [
        (f"{tmp_path}/a.zip", "Permission denied."),
        (f"{tmp_path}/b.jpg", "Permission denied."),
    ]
