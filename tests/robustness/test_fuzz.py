"""What reads bytes and text from outside lets out only the errors that it says."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidCursor, InvalidQuery
from app.domain.ids import EXAMPLE_ID
from app.domain.query import parse
from detector import pixels
from detector.conversion.darknet import DarknetError
from detector.conversion.network import Training, convert
from tests.robustness.hostile import FORMATS, encoded, photograph, with_exif
from tests.robustness.torture import cases
from tests.robustness.world import OWNER, world
from tests.support.fakes import image
from tests.support.sampling import rounds

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
NUMBERS = 4 * 8 + 8 * 27 + 18 + 18 * 8
WEIGHTS = np.array([0, 2, 0, 0, 0], "<i4").tobytes() + np.linspace(0.1, 1, NUMBERS, dtype="<f4").tobytes()
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
    "2026-02-30",
    "AND",
    "OR",
    "NOT",
    "untagged",
]

FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", rounds(0, 600)))


@cache
def photographs() -> list[bytes]:
    return [encoded(photograph(), kind, exif=with_exif(6)) for kind in (*FORMATS, "AVIF")]


@st.composite
def mutated(draw: st.DrawFn, originals: Callable[[], Sequence[bytes]]) -> bytes:
    """One of the originals, a few of its bytes changed, some taken out or put in, its end cut off."""
    data = bytearray(draw(st.sampled_from(originals())))
    for _ in range(draw(st.integers(0, 8))):
        # Headers are at the beginning: half of the changes are made there.
        place = draw(st.integers(0, len(data)) | st.integers(0, min(64, len(data))))
        data[place : place + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(data[: draw(st.just(len(data)) | st.integers(0, len(data)))])


@st.composite
def edited(draw: st.DrawFn, text: str, words: Sequence[str]) -> str:
    """The text with some words put in, in place of what was there."""
    for _ in range(draw(st.integers(0, 4))):
        place, gone = draw(st.integers(0, len(text))), draw(st.integers(0, 6))
        text = text[:place] + draw(st.sampled_from(words) | st.text(max_size=3)) + text[place + gone :]
    return text


def fuzz(read: Callable[..., None], *drawn: st.SearchStrategy[Any]) -> None:
    """Let it read a few examples or, under torture, as many as fit into the time."""

    @settings(max_examples=rounds(60, 1000), suppress_health_check=list(HealthCheck), derandomize=False)
    @given(st.tuples(*drawn))
    def read_some(example: tuple[Any, ...]) -> None:
        cases.append(1)
        read(*example)

    ends = time.monotonic() + FUZZ_SECONDS
    read_some()
    while time.monotonic() < ends:  # pragma: no cover - only under torture
        read_some()


@pytest.mark.timeout(0)
def test_bytes_are_a_photograph_or_are_said_to_be_none() -> None:
    def read(data: bytes) -> None:
        with suppress(pixels.UnreadablePhoto):
            header = pixels.read_header(data)
            decoded = pixels.decode(data, header, long_side=64)
            assert decoded.dtype == np.uint8
            assert decoded.shape[2] == 3

    fuzz(read, mutated(photographs))


def test_the_network_that_is_spoilt_here_is_sound() -> None:
    assert convert(Training("a@1", CFG, WEIGHTS, ["dog"]))


@pytest.mark.timeout(0)
def test_files_are_a_network_or_are_said_to_be_none() -> None:
    def read(cfg: str, weights: bytes) -> None:
        with suppress(DarknetError), np.errstate(all="ignore"):  # of such numbers nothing is expected
            convert(Training("a@1", cfg, weights, ["dog"]))

    fuzz(read, edited(CFG, WORDS), st.just(WEIGHTS) | mutated(lambda: [WEIGHTS]))


@pytest.mark.timeout(0)
def test_text_is_a_query_or_points_at_a_character() -> None:
    def read(text: str) -> None:
        with suppress(InvalidQuery):
            assert parse(text) == parse(text)

    fuzz(read, edited("person>=2, car, !dog, cat|bird, after:2026-01-31", QUERIES))


@pytest.mark.timeout(0)
def test_a_cursor_leads_to_ones_own_rows_or_is_refused() -> None:
    with world() as made:
        for owner in (OWNER, "other"):
            made.table.save(image(owner, dog=1))
        library = made.table

        def read(cursor: str) -> None:
            with suppress(InvalidCursor):
                pages = [library.list_images(OWNER, 10, cursor), library.search(OWNER, parse("dog"), 10, cursor)]
                assert {card.owner for page in pages for card in page.images} <= {OWNER}

        fuzz(read, st.text(max_size=40) | edited(EXAMPLE_ID, list("0a7zZ~#/")))
