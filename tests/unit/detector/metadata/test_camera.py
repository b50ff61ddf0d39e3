from typing import Any

import pytest

from detector.metadata.reader import read_metadata
from tests.support.metadata_files import Value, make_chunk, make_exif_jpeg, make_png, make_xmp_jpeg


def read_field(name: str, tags: dict[int, Value], exif: dict[int, Value] | None = None) -> Any:
    return getattr(read_metadata(make_exif_jpeg(tags, exif or {})), name)


@pytest.mark.parametrize(
    ("name", "exif", "value"),
    [
        ("lens", {0xA434: "EF24-105mm f/4L IS USM\0\0"}, "EF24-105mm f/4L IS USM"),
        ("exposure_seconds", {0x829A: [(1, 250)]}, 0.004),
        ("exposure_seconds", {0x829A: [(0, 1)], 0x9201: [(8, 1)]}, 1 / 256),
        ("exposure_seconds", {0x829A: [(1, 0)], 0x9201: [(99, 1)]}, None),
        ("f_number", {0x829D: [(28, 10)]}, 2.8),
        ("f_number", {0x829D: [(0, 0)], 0x9202: [(4, 1)]}, 4.0),
        ("f_number", {0x9202: [(0, 1)]}, None),
        ("iso", {0x8827: [400]}, 400),
        ("iso", {0x8827: [0, 400]}, 400),
        ("iso", {0x8827: [65_535], 0x8833: 102_400}, 102_400),
        ("iso", {0x8827: "200"}, 200),
        ("iso", {0x8827: [0]}, None),
        ("focal_length", {0x920A: [(50, 1)]}, 50),
        ("focal_length", {0x920A: [(0, 1)]}, None),
        ("focal_length_35mm", {0xA405: [75]}, 75),
    ],
)
def test_settings_of_exif_are_read(name: str, exif: dict[int, Value], value: float | str | None) -> None:
    assert read_field(name, {}, exif) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [("Canon EOS 5D", "Canon EOS 5D"), ("  SONY \0", "SONY"), ("----", ""), ("Unknown", ""), ("x" * 200, "x" * 100)],
)
def test_names_are_cleaned(text: str, name: str) -> None:
    assert read_field("camera_model", {0x0110: text}) == name


def test_settings_of_xmp_are_read() -> None:
    attributes = (
        'tiff:Make="Canon" tiff:Model="Canon EOS 5D" exif:ExposureTime="1/250" exif:FNumber="28/10"'
        ' exif:FocalLength="50/1" exif:FocalLengthIn35mmFilm="75" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"'
        ' aux:Lens="EF50mm"'
    )
    sequence = "<exif:ISOSpeedRatings><rdf:Seq><rdf:li>400</rdf:li></rdf:Seq></exif:ISOSpeedRatings>"

    metadata = read_metadata(make_xmp_jpeg(sequence, attributes))

    assert (metadata.camera_make, metadata.camera_model, metadata.lens) == ("Canon", "Canon EOS 5D", "EF50mm")
    assert (metadata.exposure_seconds, metadata.f_number, metadata.iso) == (0.004, 2.8, 400)
    assert (metadata.focal_length, metadata.focal_length_35mm) == (50, 75)


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("exif:Make", "camera_make"),
        ("Make", "camera_make"),
        ("exif:Model", "camera_model"),
        ("Model", "camera_model"),
        ("exif:LensModel", "lens"),
    ],
)
def test_names_in_texts_of_png_files_are_read(key: str, field: str) -> None:
    data = make_png(make_chunk(b"tEXt", key.encode() + b"\0Leica"))

    assert getattr(read_metadata(data), field) == "Leica"
