import re
from pathlib import Path

import pytest

from app.domain.errors import UnsupportedType
from app.domain.media_types import ENDINGS, UNKNOWN_TYPE, choose_media_type, choose_type_of_bytes

JPEG = b"\xff\xd8\xff\xe0"


@pytest.mark.parametrize(
    ("declared", "name", "media_type"),
    [
        ("image/jpeg", "a.png", "image/jpeg"),
        ("Image/JPEG", "a", "image/jpeg"),
        ("image/jpeg; charset=binary", "a", "image/jpeg"),
        (" image/png ;q=1", "a", "image/png"),
        ("image/jpg", "a", "image/jpeg"),
        ("image/pjpeg", "a", "image/jpeg"),
        ("image/x-png", "a", "image/png"),
        ("image/heic-sequence", "a", "image/heic"),
        ("image/heif-sequence", "a", "image/heif"),
        ("image/avif-sequence", "a", "image/avif"),
        ("", "IMG_1.HIF", "image/heif"),
        (None, "a.heics", "image/heic"),
        ("application/octet-stream", "a.JPE", "image/jpeg"),
        ("binary/octet-stream", "a.jfif", "image/jpeg"),
        ("text/plain", "a.heic", "image/heic"),
        ("garbage", "a.webp ", "image/webp"),
        ("image/*", "a.avifs", "image/avif"),
        ("", "a", UNKNOWN_TYPE),
        ("image/tiff", "a.tif", UNKNOWN_TYPE),
        ("application/x-unknown", "notes.txt", UNKNOWN_TYPE),
    ],
)
def test_choose_media_type_reads_the_hints_of_clients(declared: str | None, name: str, media_type: str) -> None:
    assert choose_media_type(declared, name) == media_type


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("video/mp4", "a.jpg"),
        ("VIDEO/quicktime; codecs=hvc1", "a.mov"),
        ("audio/mpeg", "a"),
        ("text/html", "a.jpg"),
        ("text/plain", "notes.txt"),
        ("image/svg+xml", "a.svg"),
        ("application/pdf", "a.jpg"),
    ],
)
def test_choose_media_type_of_file_that_is_no_photo_raises_unsupported_type(declared: str, name: str) -> None:
    with pytest.raises(UnsupportedType, match="is not supported"):
        choose_media_type(declared, name)


@pytest.mark.parametrize("declared", ["video/mp4", "text/html", "image/png", "", None, "application/octet-stream"])
def test_choose_type_of_bytes_of_photo_ignores_the_declared_type(declared: str | None) -> None:
    assert choose_type_of_bytes(JPEG, declared, "a.txt") == "image/jpeg"


@pytest.mark.parametrize(
    ("declared", "name", "media_type"),
    [
        ("image/png", "a", "image/png"),
        ("", "a.jpg", "image/jpeg"),
        ("application/octet-stream", "a.hif", "image/heif"),
        ("image/tiff", "a", UNKNOWN_TYPE),
    ],
)
def test_choose_type_of_bytes_of_unreadable_photo_uses_the_hints(declared: str, name: str, media_type: str) -> None:
    assert choose_type_of_bytes(b"?", declared, name) == media_type


@pytest.mark.parametrize(
    ("declared", "name"),
    [("text/plain", "a.jpg"), ("", "a.txt"), ("application/octet-stream", "a"), ("video/mp4", "a")],
)
def test_choose_type_of_bytes_without_any_hint_raises_unsupported_type(declared: str, name: str) -> None:
    with pytest.raises(UnsupportedType):
        choose_type_of_bytes(b"?", declared, name)


def test_web_ui_offers_each_ending_of_photos() -> None:
    text = (Path(__file__).parents[4] / "static/src/upload/photo-types.ts").read_text()

    offered = re.findall(r'^  (\w+): "(image/\w+)",$', text, re.MULTILINE)
    assert {f".{ending}" for ending, _ in offered} == {ending for endings in ENDINGS.values() for ending in endings}
    assert all(choose_media_type("", f"a.{ending}") == media_type for ending, media_type in offered)
