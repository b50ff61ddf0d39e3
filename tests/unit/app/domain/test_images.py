from datetime import UTC, datetime

import pytest

from app.domain import images
from app.domain.images import MAX_NAME_BYTES, MEDIA_TYPES, Image, ImageState
from app.domain.tags import TagEdit
from detector import BoundingBox, Detection
from tests.support.domain_images import make_detections, make_image
from tests.support.fakes import PHOTO_METADATA

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ACTIVE_ENDINGS = (
    *(".html", ".htm", ".xhtml", ".mht", ".svg", ".xml", ".xsl", ".pdf", ".js", ".mjs", ".jse", ".vbs", ".wsf", ".hta"),
    *(".lnk", ".url", ".webloc", ".desktop", ".exe", ".scr", ".com", ".bat", ".cmd", ".ps1", ".msi", ".dll", ".jar"),
    *(".app", ".command", ".sh", ".py", ".reg", ".chm", ".iso", ".docm", ".swf"),
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("beach.jpg", "beach.jpg"),
        ("C:\\holidays\\beach.jpg", "beach.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie: b"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe", "gpj.exe"),
        ("..", "photo"),
        ("a\u2028b\u2029c.jpg", "abc.jpg"),
        ("ä" * 200, "ä" * 127),
    ],
)
def test_clean_file_name_removes_folders_and_invisible_characters(text: str, name: str) -> None:
    assert images.clean_file_name(text) == name


@pytest.mark.parametrize("media_type", sorted(MEDIA_TYPES))
def test_make_download_name_of_any_name_ends_like_its_type(media_type: str) -> None:
    stems = ("photo", "photo.jpg", "photo" * 50 + "ä" * 5)
    tails = ("{}", "{}.", "{} ", "{}. .", "{}\u200b", "{}:.jpg", "{}::$DATA", "{}/")
    names = [stem + tail.format(ending) for stem in stems for tail in tails for ending in ACTIVE_ENDINGS]

    downloads = [
        images.make_download_name(make_image(name=name, media_type=media_type))
        for name in [*names, *map(str.upper, names)]
    ]

    assert {name for name in downloads if not name.lower().endswith(images.ENDINGS[media_type])} == set()
    assert {name for name in downloads if ":" in name or len(name.encode()) > MAX_NAME_BYTES} == set()


@pytest.mark.parametrize(
    ("name", "media_type", "download"),
    [
        ("beach.jpg", "image/jpeg", "beach.jpg"),
        ("Beach.JPEG", "image/jpeg", "Beach.JPEG"),
        ("beach.png", "image/jpeg", "beach.png.jpg"),
        ("beach", "image/webp", "beach.webp"),
        ("beach.heif", "image/heic", "beach.heif"),
        ("jpg", "image/jpeg", "jpg.jpg"),
        ("a?.png", "image/png", "a_.png"),
        ("x" * 255, "image/avif", "x" * 250 + ".avif"),
        ("beach.html", "text/html", "beach.html.bin"),
    ],
)
def test_make_download_name_keeps_a_name_with_the_ending_of_its_type(name: str, media_type: str, download: str) -> None:
    assert images.make_download_name(make_image(name=name, media_type=media_type)) == download


def test_tags_of_image_count_its_detections() -> None:
    assert make_image(detections=make_detections(dog=1, person=2)).tags == {"person": 2, "dog": 1}


def test_tags_of_edited_image_use_edited_counts_and_omit_rejected_tags() -> None:
    edits = {"person": TagEdit(3, NOW), "dog": TagEdit(0, NOW), "beach": TagEdit(1, NOW)}

    assert make_image(detections=make_detections(dog=1, person=2, cat=1), edits=edits).tags == {
        "person": 3,
        "cat": 1,
        "beach": 1,
    }


def test_round_detections_rounds_edges_and_confidences() -> None:
    detection = Detection("dog", 0.123456, BoundingBox(0.04, 1.06, 2.123, 3.0))

    assert images.round_detections([detection]) == (Detection("dog", 0.1235, BoundingBox(0.0, 1.1, 2.1, 3.0)),)


def test_make_tombstone_keeps_only_id_and_version() -> None:
    before = make_image(
        detections=make_detections(dog=1),
        edits={"cat": TagEdit(1, NOW)},
        sha256="ab",
        model="m@1",
        width=64,
        height=48,
        taken=PHOTO_METADATA.taken,
        metadata=PHOTO_METADATA,
        trashed_at=NOW,
        version=3,
    )

    tombstone = images.make_tombstone(before, duplicate_of="j")

    assert tombstone == Image(
        owner="o", id="i", state=ImageState.GONE, name="", media_type="", size=0, version=3, duplicate_of="j"
    )
