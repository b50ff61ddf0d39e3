import io
import struct
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from detector import heif
from detector.formats import START_BYTES, Format, explain, is_photo_start, recognize
from detector.heif_sequences import make_still
from detector.pixels import NotAPhoto, Pixels, decode, read_header
from tests.support.heif_files import (
    AVIF_MAJORS,
    HEVC_MAJORS,
    NEUTRAL_MAJORS,
    box,
    file_type,
    full_box,
    make_derived,
    make_meta,
    make_sequence,
    make_track,
    replace_file_type,
)

pillow_heif.register_heif_opener()

PICTURE = Image.fromarray(np.add.outer(np.arange(96), np.arange(128)).astype(np.uint8)).convert("RGB")
COMPATIBLE = [
    (b"mif1",),
    (b"miaf", b"mif1"),
    (b"avif", b"mif1", b"miaf", b"MA1B"),
    (b"msf1", b"heic", b"mif1", b"avif"),
    (b"mif1", *[b"zzzz"] * 500),
]


def encode(format_: str, picture: Image.Image = PICTURE, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, format_, **options)
    return file.getvalue()


def read_and_decode(data: bytes) -> Pixels:
    return decode(data, read_header(data))


def is_readable(data: bytes) -> bool:
    try:
        read_header(data)
    except NotAPhoto:
        return False
    return True


HEIC, AVIF = encode("HEIF"), encode("AVIF")
SEQUENCE = encode("AVIF", save_all=True, append_images=[PICTURE.rotate(180)])


@pytest.mark.parametrize(("format_", "data"), [("HEIF", HEIC), ("AVIF", AVIF)])
def test_codec_decides_with_every_combination_of_brands(format_: str, data: bytes) -> None:
    expected = read_and_decode(data)

    for major in (*HEVC_MAJORS, *AVIF_MAJORS, *NEUTRAL_MAJORS):
        for compatible in COMPATIBLE:
            file = replace_file_type(data, file_type(major, *compatible))
            header = read_header(file)
            assert header.format == format_, (major, compatible)
            assert np.array_equal(decode(file, header), expected), (major, compatible)


@pytest.mark.parametrize(("format_", "data"), [("HEIF", HEIC), ("AVIF", AVIF)])
@pytest.mark.parametrize(
    "start",
    [
        file_type(b"mif1", b"mif1", is_long=True),
        file_type(b"avif", b"heic", is_long=True),
        box(b"free", bytes(8)) + file_type(b"avif", b"heic"),
        box(b"uuid", bytes(24)) + box(b"wide") + file_type(b"heic", b"mif1"),
        file_type(b"miaf", b"mif1"),
    ],
)
def test_file_type_with_64_bits_or_behind_other_boxes_is_read(format_: str, data: bytes, start: bytes) -> None:
    file = replace_file_type(data, start)

    header = read_header(file)

    assert header.format == format_
    assert np.array_equal(decode(file, header), read_and_decode(data))


@pytest.mark.parametrize("major", [*AVIF_MAJORS, *NEUTRAL_MAJORS])
def test_avif_sequence_is_read_with_and_without_items(major: bytes) -> None:
    with_items = SEQUENCE[:8] + major + SEQUENCE[12:]
    start = SEQUENCE.index(b"meta")
    tracks_only = with_items[:start] + b"skip" + with_items[start + 4 :]

    assert [read_header(file).format for file in (with_items, tracks_only)] == ["AVIF", "AVIF"]
    assert read_and_decode(with_items).shape == read_and_decode(tracks_only).shape == (96, 128, 3)


@pytest.mark.parametrize("major", [*HEVC_MAJORS, *NEUTRAL_MAJORS])
def test_hevc_sequence_with_items_shows_its_primary_item(major: bytes) -> None:
    sequence = make_sequence(HEIC)
    tracks = sequence[sequence.index(b"moov") - 4 :]
    data = replace_file_type(HEIC, file_type(major, b"mif1", b"msf1", b"hevc")) + tracks

    assert np.array_equal(read_and_decode(data), read_and_decode(HEIC))


def test_hevc_sequence_without_items_shows_its_first_picture() -> None:
    own = make_sequence(HEIC)
    common = make_sequence(HEIC, is_long=True, size=len(HEIC) - HEIC.index(b"mdat") - 4)

    for data in (own, common):
        assert is_readable(data)
        assert read_header(data).media_type == "image/heic"
        assert np.array_equal(read_and_decode(data), read_and_decode(HEIC))


def test_damaged_hevc_sequence_is_not_a_photo() -> None:
    sequence = make_sequence(HEIC)
    start = sequence.index(b"moov")
    changed = [sequence[: start + length] for length in range(len(sequence) - start)]
    changed += [sequence.replace(kind, b"free") for kind in (b"hvcC", b"stsz", b"stco", b"stsd", b"stbl")]

    assert [data for data in changed if is_readable(data)] == []


def test_make_still_of_other_files_changes_nothing() -> None:
    other_codec = make_sequence(HEIC, codec=b"av01")

    for data in (HEIC, b"", file_type(b"heic"), other_codec, make_track(b"vide", b"hvc1")):
        assert make_still(data) is data


def test_usual_brands_need_no_copy() -> None:
    assert heif.adapt_brands(HEIC, is_avif=False) is HEIC
    assert heif.adapt_brands(AVIF, is_avif=True) is AVIF
    assert heif.adapt_brands(b"no boxes", is_avif=True) == b"no boxes"


@pytest.mark.parametrize("kind", [b"iden", b"iovl", b"grid"])
def test_derived_primary_item_is_decoded(kind: bytes) -> None:
    data = make_derived(HEIC, kind)

    assert heif.find_codec(data) == b"hvc1"
    assert np.array_equal(read_and_decode(data), read_and_decode(HEIC))


def test_codec_of_derived_item_is_the_one_of_its_sources() -> None:
    tiles = encode("HEIF", PICTURE.resize((256, 256)), tile_size=128)

    assert b"grid" in tiles
    assert heif.find_codec(tiles) == b"hvc1"
    assert read_and_decode(tiles).shape == (256, 256, 3)
    assert heif.find_codec(make_meta((1, b"iden"), (2, b"iovl"), (3, b"av01"), sources={1: 2, 2: 3})) == b"av01"


@pytest.mark.parametrize(
    ("data", "codec"),
    [
        (make_meta((7, b"hvc1"), (1, b"av01")), b"av01"),
        (make_meta((1, b"grid")), b"grid"),
        (make_meta((1, b"grid"), sources={1: 1}), b"grid"),
        (make_meta((1, b"grid"), sources={1: 9}), None),
        (make_meta(primary=3), None),
        (make_track(b"pict", b"hvc1"), b"hvc1"),
        (make_track(b"vide", b"hvc1"), None),
        (file_type(b"mif1") + full_box(b"meta", 0), None),
        (file_type(b"mif1") + full_box(b"meta", 0, box(b"pitm"), box(b"iinf")), None),
        (file_type(b"mif1") + full_box(b"meta", 0, full_box(b"pitm", 0, b"\0\1"), full_box(b"iinf", 0)), None),
        (file_type(b"mif1") + box(b"moov", box(b"trak")), None),
        (file_type(b"mif1") + struct.pack(">I4s", 0, b"mdat") + bytes(9), None),
        (file_type(b"mif1") + struct.pack(">I4s", 4, b"meta") + bytes(9), None),
    ],
)
def test_find_codec_of_unusual_file(data: bytes, codec: bytes | None) -> None:
    assert heif.find_codec(data) == codec


def test_find_codec_reads_long_ids() -> None:
    item = full_box(b"infe", 3, struct.pack(">IH4s", 70_000, 0, b"grid"))
    source = full_box(b"infe", 3, struct.pack(">IH4s", 70_001, 0, b"av01"))
    old = full_box(b"infe", 0, struct.pack(">HH", 1, 0))
    meta = full_box(
        b"meta",
        0,
        full_box(b"iinf", 1, struct.pack(">I", 3), old, item, source, box(b"infe")),
        full_box(b"iref", 1, box(b"dimg", struct.pack(">IHI", 70_000, 1, 70_001)), box(b"cdsc"), box(b"dimg")),
        full_box(b"pitm", 1, struct.pack(">I", 70_000)),
    )

    assert heif.find_codec(file_type(b"miaf") + meta) == b"av01"


def test_find_codec_of_damaged_files_never_raises() -> None:
    for data in (HEIC, AVIF, SEQUENCE):
        start = data[: data.index(b"mdat")]
        for length in range(len(start)):
            recognize(start[:length])
            recognize(start[:length] + bytes([start[length] ^ 0xFF]) + start[length + 1 :])


def test_find_codec_ends_in_a_file_with_countless_boxes() -> None:
    countless = box(b"free") * 200_000

    assert heif.find_codec(file_type(b"mif1") + countless + make_meta((1, b"hvc1"))) is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (HEIC.replace(b"hvc1", b"j2k1"), "its photo is coded as JPEG 2000"),
        (HEIC.replace(b"hvc1", b"jpeg"), "its photo is coded as JPEG"),
        (HEIC.replace(b"hvc1", b"unci"), "its photo is coded as uncompressed pixels"),
        (HEIC.replace(b"hvc1", b"avc1"), "its photo is coded as H.264"),
        (make_track(b"pict", b"vvc1"), "its photo is coded as VVC"),
        (file_type(b"isom", b"mp42"), "This is a video or an audio file."),
        (file_type(b"crx "), "This is not a JPEG"),
        (file_type(b"mif3", b"j2ki"), "This is not a JPEG"),
        (HEIC.replace(b"hvc1", b"????"), "This is not a JPEG"),
        (file_type(b"mif1") + b"\0", "This is not a JPEG"),
        (b"GIF88a", "This is not a JPEG"),
    ],
)
def test_file_that_is_not_supported_is_refused_with_its_reason(data: bytes, message: str) -> None:
    assert recognize(data) is None
    assert message in explain(data)
    with pytest.raises(NotAPhoto, match=message):
        read_header(data)


@pytest.mark.parametrize(
    ("start", "format_"),
    [
        (b"\xff\xd8\xff\xe0", Format.JPEG),
        (b"\x89PNG\r\n\x1a\n", Format.PNG),
        (b"GIF87a", Format.GIF),
        (b"RIFF\0\0\0\0WEBPVP8 ", Format.WEBP),
        (file_type(b"heic", b"mif1"), Format.HEIF),
        (file_type(b"mif1", b"avif"), Format.AVIF),
    ],
)
def test_start_of_photo_has_its_format(start: bytes, format_: Format) -> None:
    assert recognize(start) is format_
    assert is_photo_start(start)


@pytest.mark.parametrize("data", [HEIC, AVIF, SEQUENCE, file_type(b"isom", *[b"zzzz"] * 90, b"mif1")])
def test_is_photo_start_needs_only_the_first_bytes(data: bytes) -> None:
    assert is_photo_start(data[:START_BYTES])


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"BM",
        b"RIFF\0\0\0\0WAVE",
        b"<html>",
        file_type(b"isom", b"mp42"),
        box(b"ftyp"),
        box(b"free") + box(b"mdat"),
    ],
)
def test_start_of_other_file_is_not_a_photo(start: bytes) -> None:
    assert recognize(start) is None
    assert not is_photo_start(start)
