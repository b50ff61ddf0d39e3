from typing import Never

import pytest

from detector.metadata import reader
from detector.metadata.reader import read_metadata
from detector.metadata.values import Metadata
from tests.support.metadata_files import make_exif_jpeg


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b"\0\0\0\x10ftyp", b"%PDF"]
)
def test_read_metadata_of_empty_or_other_files_is_empty(data: bytes) -> None:
    assert read_metadata(data) == Metadata()


def test_read_metadata_after_a_mistake_of_a_parser_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_sources: object) -> Never:
        raise ValueError

    file = make_exif_jpeg({0x010F: "Canon"})
    assert read_metadata(file) == Metadata(camera_make="Canon")
    monkeypatch.setattr(reader, "find_position", fail)

    assert read_metadata(file) == Metadata()
