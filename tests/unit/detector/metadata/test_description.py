import pytest

from detector.metadata.reader import read_metadata
from tests.support.metadata_files import (
    EXIF_PREFIX,
    PHOTOSHOP_PREFIX,
    XMP_PREFIX,
    Value,
    make_chunk,
    make_exif_jpeg,
    make_iptc,
    make_iptc_jpeg,
    make_jpeg,
    make_png,
    make_resource,
    make_segment,
    make_tiff,
    make_xmp,
    make_xmp_jpeg,
)

XP_TITLE, XP_COMMENT, XP_KEYWORDS, XP_SUBJECT = 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F


def encode(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le")


def make_bag(key: str, *items: str) -> str:
    return f"<{key}><rdf:Bag>{''.join(f'<rdf:li>{item}</rdf:li>' for item in items)}</rdf:Bag></{key}>"


@pytest.mark.parametrize(
    "file",
    [
        make_xmp_jpeg('<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Tokyo</rdf:li></rdf:Alt></dc:title>'),
        make_xmp_jpeg("<photoshop:Headline>Tokyo</photoshop:Headline>"),
        make_iptc_jpeg((5, b"Tokyo")),
        make_iptc_jpeg((105, b"Tokyo")),
        make_exif_jpeg({XP_TITLE: encode("Tokyo")}),
        make_png(make_chunk(b"tEXt", b"Title\0Tokyo")),
    ],
)
def test_title_is_found_in_all_standards(file: bytes) -> None:
    assert read_metadata(file).title == "Tokyo"


@pytest.mark.parametrize(
    "file",
    [
        make_xmp_jpeg("<dc:description>In Tōkyō</dc:description>"),
        make_xmp_jpeg("<tiff:ImageDescription>In Tōkyō</tiff:ImageDescription>"),
        make_xmp_jpeg("<exif:UserComment>In Tōkyō</exif:UserComment>"),
        make_iptc_jpeg((120, "In Tōkyō".encode())),
        make_exif_jpeg({0x010E: "In Tōkyō"}),
        make_exif_jpeg({}, {0x9286: b"UNICODE\0" + "In Tōkyō".encode("utf-16-le")}),
        make_exif_jpeg({XP_COMMENT: encode("In Tōkyō")}),
        make_exif_jpeg({XP_SUBJECT: encode("In Tōkyō")}),
        make_png(make_chunk(b"iTXt", b"Description\0\0\0\0\0" + "In Tōkyō".encode())),
        make_png(make_chunk(b"iTXt", b"Comment\0\0\0\0\0" + "In Tōkyō".encode())),
    ],
)
def test_description_is_found_in_all_standards(file: bytes) -> None:
    assert read_metadata(file).description == "In Tōkyō"


@pytest.mark.parametrize(
    "stamp",
    [
        "OLYMPUS DIGITAL CAMERA         ",
        "SONY DSC",
        "DCIM\\100MEDIA\\DJI_0001.JPG",
        "Created with GIMP",
        "charset=Ascii",
        "default",
        '{"sensor_type":"rear"}',
        "   ",
        "---",
    ],
)
def test_stamps_of_cameras_and_programs_are_no_description(stamp: str) -> None:
    assert not read_metadata(make_exif_jpeg({0x010E: stamp})).description


@pytest.mark.parametrize("comment", [b"\0" * 8 + b"\1\2camera data", b"ASCII\0\0\0\x81\x8d\x8f"])
def test_binary_comment_is_no_description(comment: bytes) -> None:
    assert not read_metadata(make_exif_jpeg({}, {0x9286: comment})).description


def test_description_keeps_its_lines() -> None:
    assert read_metadata(make_exif_jpeg({0x010E: "In Tokyo\r\nin  summer"})).description == "In Tokyo\nin summer"


@pytest.mark.parametrize(
    ("file", "rating"),
    [
        (make_xmp_jpeg(attributes='xmp:Rating="4"'), 4),
        (make_xmp_jpeg(attributes='xmp:Rating="3.0"'), 3),
        (make_xmp_jpeg(attributes='xmp:Rating="-1"'), -1),
        (make_xmp_jpeg(attributes='xmp:Rating="0"'), 0),
        (make_xmp_jpeg(attributes='xmp:Rating="0" microsoft:Rating="99"'), 5),
        (make_xmp_jpeg(attributes='xmp:Rating="200"'), None),
        (make_xmp_jpeg(attributes='xmp:Rating="good"'), None),
        *((make_xmp_jpeg(attributes=f'microsoft:Rating="{percent}"'), stars) for percent, stars in (
            (0, 0), (1, 1), (25, 2), (50, 3), (75, 4), (99, 5), (100, 5), (101, None), (-1, None),
        )),
        (make_exif_jpeg({0x4746: [4]}), 4),
        (make_exif_jpeg({0x4749: [75]}), 4),
        (make_exif_jpeg({}), None),
    ],
)  # fmt: skip
def test_rating_is_converted_to_stars(file: bytes, rating: int | None) -> None:
    assert read_metadata(file).rating == rating


def test_keywords_of_all_standards_are_joined_without_duplicates() -> None:
    properties = (
        make_bag("dc:subject", "sea", "Sun", "sea")
        + make_bag("microsoft:LastKeywordXMP", "sand")
        + make_bag("lr:hierarchicalSubject", "places|Japan|Tokyo")
        + make_bag("digikam:TagsList", "places/Japan/Osaka")
    )
    tags: dict[int, Value] = {XP_KEYWORDS: encode("sun; wind;;")}
    file = make_jpeg(
        make_segment(0xE1, EXIF_PREFIX + make_tiff(tags)),
        make_segment(0xE1, XMP_PREFIX + make_xmp(properties)),
        make_segment(0xED, PHOTOSHOP_PREFIX + make_resource(0x0404, make_iptc((25, b"SUN"), (25, b"waves")))),
    )

    assert read_metadata(file).keywords == ("sea", "Sun", "sand", "waves", "wind", "Tokyo", "Osaka")


def test_keyword_that_iptc_has_cut_off_is_ignored() -> None:
    long, other = "k" * 70, "o" * 64
    file = make_jpeg(
        make_segment(0xE1, XMP_PREFIX + make_xmp(make_bag("dc:subject", long))),
        make_segment(0xED, PHOTOSHOP_PREFIX + make_resource(0x0404, make_iptc((25, b"k" * 64), (25, other.encode())))),
    )

    assert read_metadata(file).keywords == (long, other)


def test_keywords_are_limited() -> None:
    keywords = read_metadata(make_xmp_jpeg(make_bag("dc:subject", "x" * 200, *map(str, range(300))))).keywords

    assert len(keywords) == 200
    assert keywords[0] == "x" * 100
