"""Functions that parse untrusted bytes and text raise only their documented errors, for any input."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.capture_times import format_capture_time, parse_capture_time
from app.domain.dates import parse_date, parse_shift, shift_date
from app.domain.errors import InvalidCursor, InvalidDate, InvalidQuery
from app.domain.ids import EXAMPLE_ID, EXAMPLE_KEY
from app.domain.plans import Order
from app.domain.query import parse
from app.domain.tags import TagEdit
from detector import pixels
from detector.conversion.darknet import DarknetError
from detector.conversion.network import Training, convert
from detector.metadata.values import CaptureTime, TimeSource
from tests.robustness.hostile import FORMATS, encode, make_exif, photo
from tests.robustness.torture import cases
from tests.robustness.world import OWNER, make_world
from tests.support.fakes import image
from tests.support.sampling import TORTURE, rounds

CFG = """[net]
width=32
height=32
channels=3
[convolutional]
batch_normalize=1
filters=8
size=3
stride=1
pad=1
activation=leaky
[maxpool]
size=2
stride=2
[convolutional]
filters=18
size=1
stride=1
pad=1
activation=linear
[yolo]
mask=0,1,2
anchors=10,14, 23,27, 37,58
classes=1
num=3
"""
WEIGHT_COUNT = 4 * 8 + 8 * 27 + 18 + 18 * 8
WEIGHTS = np.array([0, 2, 0, 0, 0], "<i4").tobytes() + np.linspace(0.1, 1, WEIGHT_COUNT, dtype="<f4").tobytes()
WORDS = [
    "=",
    "-1",
    "0",
    "1e9",
    "99999999999",
    "nan",
    "\0",
    "[",
    "]",
    "[route]",
    "[yolo]",
    "layers=-9",
    "\n",
    "é",
    ",",
    ",,",
]
QUERIES = [
    "dog",
    "!",
    "|",
    ",",
    ">=",
    "<=",
    "=",
    ":",
    "(",
    ")",
    " ",
    "after:",
    "taken",
    "TAKEN:",
    "added<=",
    "2019",
    "2026-02-30",
    "0000-1",
    "..",
    "undated",
    "AND",
    "OR",
    "NOT",
    "untagged",
]

NOW = datetime(2026, 11, 30, tzinfo=UTC)
DATE = CaptureTime(datetime(2019, 7, 28, 1, 3), TimeSource.EXIF)  # noqa: DTZ001 - a local time
FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", rounds(0, 600)))


@cache
def photos() -> list[bytes]:
    return [encode(photo(), kind, exif=make_exif(6)) for kind in (*FORMATS, "AVIF")]


@st.composite
def mutate(draw: st.DrawFn, originals: Callable[[], Sequence[bytes]]) -> bytes:
    """Draw one of the originals with some bytes changed, removed or inserted. Its end may be cut off."""
    data = bytearray(draw(st.sampled_from(originals())))
    for _ in range(draw(st.integers(0, 8))):
        # Half of the changes are at the beginning, because headers are there.
        place = draw(st.integers(0, len(data)) | st.integers(0, min(64, len(data))))
        data[place : place + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(data[: draw(st.just(len(data)) | st.integers(0, len(data)))])


@st.composite
def edit_text(draw: st.DrawFn, text: str, words: Sequence[str]) -> str:
    """Draw the text with words or characters inserted, which may replace some of it."""
    for _ in range(draw(st.integers(0, 4))):
        place, removed = draw(st.integers(0, len(text))), draw(st.integers(0, 6))
        text = text[:place] + draw(st.sampled_from(words) | st.text(max_size=3)) + text[place + removed :]
    return text


def fuzz(read: Callable[..., None], *inputs: st.SearchStrategy[Any]) -> None:
    """Call `read` with a few examples or, in `make torture`, with as many as fit into `FUZZ_SECONDS`."""

    @settings(max_examples=rounds(60, 1000), suppress_health_check=list(HealthCheck), derandomize=not TORTURE)
    @given(st.tuples(*inputs))
    def read_some(example: tuple[Any, ...]) -> None:
        cases.append(1)
        read(*example)

    deadline = time.monotonic() + FUZZ_SECONDS
    read_some()
    while time.monotonic() < deadline:
        read_some()


@pytest.mark.timeout(0)
def test_decode_of_any_bytes_returns_pixels_or_raises_unreadable_photo() -> None:
    def read(data: bytes) -> None:
        with suppress(pixels.UnreadablePhoto):
            header = pixels.read_header(data)
            decoded = pixels.decode(data, header, long_side=64)
            assert decoded.dtype == np.uint8
            assert decoded.shape[2] == 3

    fuzz(read, mutate(photos))


def test_convert_of_the_unchanged_network_succeeds() -> None:
    assert convert(Training("a@1", CFG, WEIGHTS, ["dog"]))


@pytest.mark.timeout(0)
def test_convert_of_any_files_succeeds_or_raises_darknet_error() -> None:
    def read(cfg: str, weights: bytes) -> None:
        with suppress(DarknetError), np.errstate(all="ignore"):  # random weights may overflow
            convert(Training("a@1", cfg, weights, ["dog"]))

    fuzz(read, edit_text(CFG, WORDS), st.just(WEIGHTS) | mutate(lambda: [WEIGHTS]))


@pytest.mark.timeout(0)
def test_parse_of_any_text_returns_a_query_or_raises_invalid_query() -> None:
    def read(text: str) -> None:
        with suppress(InvalidQuery):
            assert parse(str(parse(text))) == parse(text)

    queries = (
        "person>=2, car, !dog, cat|bird, after:2026-01-31",
        "taken:2018-06..2018-08, added>=2026-11-30, undated",
        'name:img_2034, title:"at the sea", text:a b',
    )
    fuzz(read, st.sampled_from(queries).flatmap(lambda text: edit_text(text, QUERIES)))


@pytest.mark.timeout(0)
def test_parse_of_any_date_or_shift_returns_it_or_raises_invalid_date() -> None:
    def read(date: str, shift: str) -> None:
        with suppress(InvalidDate):
            time = parse_date(date)
            assert parse_capture_time(format_capture_time(time), TimeSource.PERSON) == time
        with suppress(InvalidDate):
            delta = parse_shift(shift)
            shifted = shift_date(replace(image(OWNER), taken=DATE), delta, NOW)
            assert shifted.taken
            assert shifted.taken.local - DATE.local == delta

    dates = edit_text("2019-07-28T01:03:00.25+09:00", list("0129-:TzW +.\n٣"))
    fuzz(read, dates | st.text(max_size=20), edit_text("+1 d 2 h 30 min", [*"0 9-+", "s", "999999", "d", "min"]))


@pytest.mark.timeout(0)
def test_list_with_any_cursor_returns_own_images_or_raises_invalid_cursor() -> None:
    with make_world() as world:
        for owner in (OWNER, "other"):
            world.images.save(image(owner, dog=1))
            world.images.save(replace(image(owner), edits={"dog": TagEdit(3, NOW, certain=1)}))
        table = world.images

        def read(cursor: str) -> None:
            with suppress(InvalidCursor):
                pages = [table.search_trash(OWNER, parse("dog"), 10, cursor)]
                for direction in (True, False):
                    pages += [table.search(OWNER, parse("dog"), 10, cursor, newest_first=direction)]
                    pages += [
                        table.list_images(OWNER, 10, cursor, order=each, newest_first=direction) for each in Order
                    ]
                assert {summary.owner for page in pages for summary in page.images} <= {OWNER}
            with suppress(InvalidCursor):
                page = table.list_unreviewed(OWNER, 10, cursor)
                assert {summary.owner for summary in page.images} <= {OWNER}

        months = edit_text("2019-07", list("0129-~#"))
        reviews = edit_text(f"001#{EXAMPLE_ID}", list("09a~#"))
        fuzz(read, st.text(max_size=60) | edit_text(EXAMPLE_KEY, list("0a7zZ~#/!-:T")) | months | reviews)
