from typing import Any

import pytest

from app.client.sidecars import make_sidecar
from app.domain.capture_times import format_capture_time
from app.domain.xmp import is_own
from detector.metadata.reader import read_metadata
from detector.metadata.values import Metadata
from tests.support.metadata_files import make_jpeg, make_segment

PLAIN: dict[str, Any] = {"title": "", "description": "", "rating": None, "position": None}


def make(*tags: str, taken_at: str | None = None, source: str = "exif", **metadata: Any) -> str:
    image = {"tags": [{"tag": tag} for tag in tags], "taken_at": taken_at, "taken_source": source}
    return make_sidecar(image | {"metadata": PLAIN | metadata})


def read(sidecar: str) -> Metadata:
    """Read a sidecar as PixTag reads the XMP of a photo."""
    return read_metadata(make_jpeg(make_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + sidecar.encode())))


def test_values_are_read_as_they_were_written() -> None:
    position = {"latitude": -35.658581, "longitude": 139.745433, "altitude": -12.34}
    sidecar = make(
        "person",
        "café <&\"'>",
        taken_at="2019-07-28T01:03:00+09:00",
        title="Tokyo <Tower>",
        description="At night\nin the \x01rain",
        rating=-1,
        position=position,
    )

    metadata = read(sidecar)

    assert metadata.keywords == ("person", "café <&\"'>")
    assert (metadata.title, metadata.description, metadata.rating) == ("Tokyo <Tower>", "At night\nin the rain", -1)
    assert metadata.taken
    assert format_capture_time(metadata.taken) == "2019-07-28T01:03:00+09:00"
    assert metadata.position
    read_position = (metadata.position.latitude, metadata.position.longitude, metadata.position.altitude)
    assert read_position == pytest.approx(tuple(position.values()), abs=1e-7)


def test_photo_without_values_has_no_properties() -> None:
    sidecar = make(taken_at="2026-01-31T16:20:00+00:00", source="upload")

    assert "rdf:li" not in sidecar
    assert "Date" not in sidecar
    assert "GPS" not in sidecar
    assert make(taken_at=None) == sidecar


def test_position_without_altitude_is_complete() -> None:
    sidecar = make(position={"latitude": 0.9999999999, "longitude": 0, "altitude": None})

    assert "<exif:GPSLatitude>1,0.000000N</exif:GPSLatitude>" in sidecar
    assert "<exif:GPSLongitude>0,0.000000E</exif:GPSLongitude>" in sidecar
    assert "GPSAltitude" not in sidecar


def test_tag_with_a_separator_is_no_hierarchy() -> None:
    sidecar = make("cat|dog", "sea")

    assert sidecar.count("<rdf:li>cat|dog</rdf:li>") == 1
    assert sidecar.count("<rdf:li>sea</rdf:li>") == 2


def test_sidecar_of_another_program_is_not_own() -> None:
    assert is_own(make())
    assert not is_own(make().replace("PixTag", "XMP Core 4.4.0-Exiv2"))
