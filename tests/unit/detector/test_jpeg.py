"""JPEG files: their structure, and what is decoded of damaged ones."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from detector.damage import BLURRED, NO_END
from detector.jpeg import MAX_SEGMENTS, Frame, list_scans, list_segments, read_frame
from detector.jpeg_outline import decode_outline
from detector.pixels import BrokenPhoto, DecodedPhoto, Pixels, decode_photo, read_header
from tests.support.jpegs import END, encode_jpeg, find_scans, make_photo

SEQUENTIAL = {
    "4:2:0": encode_jpeg(make_photo(), subsampling=2),
    "4:4:4": encode_jpeg(make_photo(), subsampling=0),
    "grey": encode_jpeg(make_photo().convert("L")),
    "CMYK": encode_jpeg(make_photo().convert("CMYK")),
    "restart markers": encode_jpeg(make_photo(), restart_marker_rows=1),
}
PROGRESSIVE = {
    "4:2:0": encode_jpeg(make_photo(), progressive=True, subsampling=2),
    "4:2:2": encode_jpeg(make_photo(), progressive=True, subsampling=1),
    "4:4:4": encode_jpeg(make_photo(), progressive=True, subsampling=0),
    "odd size": encode_jpeg(make_photo(83, 131), progressive=True, subsampling=2),
    "grey": encode_jpeg(make_photo().convert("L"), progressive=True),
    "CMYK": encode_jpeg(make_photo().convert("CMYK"), progressive=True),
    "RGB": encode_jpeg(make_photo(), progressive=True, keep_rgb=True),
    "restart markers": encode_jpeg(make_photo(), progressive=True, restart_marker_blocks=3),
}


def decode(data: bytes, long_side: int | None = None) -> DecodedPhoto:
    return decode_photo(data, read_header(data), long_side=long_side)


def frame_of(data: bytes) -> Frame:
    frame = read_frame(data)
    assert frame
    return frame


def count_grey_rows(pixels: Pixels) -> int:
    return int((pixels == 128).all(axis=(1, 2)).sum())


@pytest.mark.parametrize("long_side", [None, 20])
@pytest.mark.parametrize("data", SEQUENTIAL.values(), ids=SEQUENTIAL)
def test_decode_of_half_a_photo_shows_the_upper_half(data: bytes, long_side: int | None) -> None:
    start = find_scans(data)[-1]
    half = data[: start + (len(data) - start) // 2]

    for end in (b"", END, b"\xff"):
        photo = decode(half + end, long_side)

        whole = decode(data, long_side).pixels
        assert photo.damage.startswith("Damaged: about the upper ")
        rows = count_grey_rows(photo.pixels)
        assert 0.3 < rows / len(whole) < 0.7
        same = len(whole) // 4
        assert np.abs(photo.pixels[:same].astype(int) - whole[:same]).max() <= 1


@pytest.mark.parametrize("data", [*SEQUENTIAL.values(), *PROGRESSIVE.values()])
def test_decode_of_a_photo_without_its_end_marker_shows_all_rows_and_says_so(data: bytes) -> None:
    whole = decode(data)

    photo = decode(data.removesuffix(END))

    assert (photo.damage, whole.damage) == (NO_END, "")
    assert (photo.pixels == whole.pixels).all()


@pytest.mark.parametrize("trailer", [b"\0" * 40 + b"SEFT", bytes(range(200))])
@pytest.mark.parametrize("data", SEQUENTIAL.values(), ids=SEQUENTIAL)
def test_decode_of_a_photo_with_other_data_in_place_of_the_end_marker_is_not_damaged(
    data: bytes, trailer: bytes
) -> None:
    photo = decode(data.removesuffix(END) + trailer)

    assert photo.damage == ""


def test_decode_of_a_photo_with_a_grey_corner_is_not_damaged() -> None:
    picture = make_photo()
    picture.paste((128, 128, 128), (48, 80, 96, 160))

    assert decode(encode_jpeg(picture, quality=100, subsampling=0)).damage == ""


@pytest.mark.parametrize("rows", [8, 100])
def test_decode_of_a_photo_whose_header_declares_far_more_rows_raises_broken_photo(rows: int) -> None:
    data = encode_jpeg(make_photo(16, rows))
    at = data.index(b"\xff\xc0") + 5

    with pytest.raises(BrokenPhoto):
        decode(data[:at] + struct.pack(">HH", 7000, 7000) + data[at + 4 :])


def test_decode_of_a_photo_without_tables_raises_broken_photo() -> None:
    data = encode_jpeg(make_photo()).replace(b"\xff\xdb", b"\xff\xee")

    with pytest.raises(BrokenPhoto):
        decode(data)


@pytest.mark.parametrize("end", [b"", END])
@pytest.mark.parametrize("data", PROGRESSIVE.values(), ids=PROGRESSIVE)
def test_decode_of_a_progressive_photo_without_its_last_scans_is_blurred(data: bytes, end: bytes) -> None:
    whole = decode(data).pixels

    photo = decode(data[: find_scans(data)[2]] + end)

    assert photo.damage == BLURRED
    assert np.abs(photo.pixels.astype(int) - whole).mean() < 25


@pytest.mark.parametrize("data", PROGRESSIVE.values(), ids=PROGRESSIVE)
def test_decode_of_a_progressive_photo_whose_last_scan_is_cut_off_is_blurred(data: bytes) -> None:
    last = find_scans(data)[-1]

    assert decode(data[: (last + len(data)) // 2]).damage == BLURRED


def test_decode_of_a_progressive_photo_whose_first_scan_is_cut_off_shows_the_upper_rows() -> None:
    data = PROGRESSIVE["4:4:4"]
    first, second = find_scans(data)[:2]

    photo = decode(data[: (first + second) // 2])

    assert photo.damage.startswith("Damaged: about the upper ")
    assert count_grey_rows(photo.pixels) > 30


@pytest.mark.parametrize(
    ("orientation", "side"), [(1, "upper"), (2, "upper"), (3, "lower"), (4, "lower"), (5, "left"), (6, "right")]
)
def test_damage_names_the_side_that_people_see(orientation: int, side: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode_jpeg(make_photo(), exif=exif, subsampling=0)
    start = find_scans(data)[0]

    damage = decode(data[: start + (len(data) - start) * 6 // 10]).damage

    assert damage.startswith(f"Damaged: about the {side} ")


@pytest.mark.parametrize("data", PROGRESSIVE.values(), ids=PROGRESSIVE)
def test_outline_is_similar_to_the_decode_at_an_eighth(data: bytes) -> None:
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_COLOR_8)
    assert expected is not None

    pixels, rows = decode_outline(data, frame_of(data))

    assert pixels.shape == expected.shape
    assert rows.describe(1) == ""
    subsampled = frame_of(data).coefficient_bytes < 6 * frame_of(data).width * frame_of(data).height
    assert np.abs(pixels.astype(int) - expected).mean() <= (24 if subsampled and len(rows.note) == 0 else 1.1)


@pytest.mark.parametrize("data", [PROGRESSIVE["4:4:4"], PROGRESSIVE["restart markers"]])
def test_outline_of_a_part_shows_the_upper_rows(data: bytes) -> None:
    first, second = find_scans(data)[:2]

    pixels, rows = decode_outline(data[: (first + second) // 2], frame_of(data))

    assert 16 <= rows.rows < 144
    assert count_grey_rows(pixels) == len(pixels) - -(-rows.rows // 8)


@pytest.mark.parametrize(
    "data",
    [
        PROGRESSIVE["4:4:4"].replace(b"\xff\xc4", b"\xff\xee"),
        PROGRESSIVE["4:4:4"][: find_scans(PROGRESSIVE["4:4:4"])[0] + 20],
        SEQUENTIAL["4:4:4"].replace(
            b"\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11", b"\xff\xda\0\x0c\x03\x07\0\x02\x11\x03\x11"
        ),
    ],
    ids=["no tables", "no blocks", "unknown component"],
)
def test_outline_without_a_row_raises_broken_photo(data: bytes) -> None:
    with pytest.raises(BrokenPhoto):
        decode_outline(data, frame_of(data))


def test_outline_of_cmyk_without_an_adobe_segment_is_not_inverted() -> None:
    data = PROGRESSIVE["CMYK"]
    at = data.index(b"Adobe")
    plain = data[:at] + b"Other" + data[at + 5 :]

    pixels, _ = decode_outline(plain, frame_of(plain))

    assert (pixels == 0).all()  # the photo has no black, and its inverse is full


def test_large_progressive_photo_is_decoded_from_its_outline(monkeypatch: pytest.MonkeyPatch) -> None:
    data = PROGRESSIVE["4:4:4"]
    monkeypatch.setattr("detector.jpeg._MAX_COEFFICIENT_BYTES", 1000)

    header = read_header(data)

    assert decode_photo(data, header).pixels.shape == (20, 12, 3)
    assert header.decode_bytes < 25_000_000


def test_scans_are_listed_up_to_a_damaged_header() -> None:
    data = PROGRESSIVE["4:2:0"]
    third = find_scans(data)[2]
    damaged = data[: third + 2] + b"\0\x03\x01" + data[third + 5 :]

    assert len(list_scans(data, frame_of(data))) == len(find_scans(data))
    assert len(list_scans(damaged, frame_of(data))) == 2


def test_scans_are_listed_up_to_a_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.jpeg._MAX_SCANS", 2)

    assert len(list_scans(PROGRESSIVE["4:2:0"], frame_of(PROGRESSIVE["4:2:0"]))) == 3


def test_outline_ends_at_an_invalid_code() -> None:
    data = PROGRESSIVE["4:4:4"]
    first, second = find_scans(data)[:2]
    middle = (first + second) // 2

    _, rows = decode_outline(data[:middle] + b"\xff\0" * 200 + data[middle:], frame_of(data))

    assert 16 <= rows.rows < 144


def test_segments_are_listed_up_to_a_maximum() -> None:
    data = b"\xff\xd8" + b"\xff\xfe\0\x02" * (MAX_SEGMENTS + 1)

    assert len(list(list_segments(data))) == MAX_SEGMENTS
    assert read_frame(data) is None


FRAMES = {
    "no components": b"\xff\xd8\xff\xc0\0\x08\x08\0\x10\0\x10\0",
    "too short": b"\xff\xd8\xff\xc0\0\x06\x08\0\x10\0",
    "sampling factor 0": b"\xff\xd8\xff\xc0\0\x0b\x08\0\x10\0\x10\x01\x01\x01\0",
    "no frame": b"\xff\xd8\xff\xda\0\x08\x01\x01\0\0\x3f\0\0\0",
    "end": b"\xff\xd8\xff\xd9\0\0\0\0",
    "only fill": b"\xff\xd8\xff\xff\xff\xff\xff",
    "restart marker": b"\xff\xd8\xff\xd0\xff\0\0\0\0\0",
}


@pytest.mark.parametrize("data", FRAMES.values(), ids=FRAMES)
def test_read_frame_of_an_invalid_header_returns_none(data: bytes) -> None:
    assert read_frame(data) is None


def test_decode_prints_nothing_about_sound_photos(capfd: pytest.CaptureFixture[str]) -> None:
    for data in (*SEQUENTIAL.values(), *PROGRESSIVE.values()):
        assert decode(data).damage == ""

    assert capfd.readouterr().err == ""


def test_mpo_is_decoded_like_a_jpeg() -> None:
    file = io.BytesIO()
    make_photo().save(file, "MPO", save_all=True, append_images=[make_photo()])

    assert decode(file.getvalue()).damage == ""
