import pytest

from detector.metadata import Metadata, read_metadata


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b"\0\0\0\x10ftyp", b"%PDF"]
)
def test_read_metadata_of_empty_or_other_files_is_empty(data: bytes) -> None:
    assert read_metadata(data) == Metadata()
