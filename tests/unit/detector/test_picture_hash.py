from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from detector.picture_hash import PREFIX_BITS, find_hash_side, hash_picture
from detector.scaling import Pixels, halve
from tests.support.pictures import paint_picture


def encode_and_decode(pixels: Pixels, extension: str, *options: int) -> Pixels:
    decoded = cv2.imdecode(cv2.imencode(extension, pixels, options)[1], cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded


def measure_distance(one: str, other: str) -> int:
    return (int(one[:16], 16) ^ int(other[:16], 16)).bit_count()


@pytest.fixture
def plain_opencv() -> Iterator[None]:
    """Make OpenCV use two threads and no vector instructions."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(2)
    cv2.setUseOptimized(False)
    yield
    cv2.setUseOptimized(True)
    cv2.setNumThreads(threads)


def make_digest(seeds: range) -> list[str]:
    return [
        hash_picture(paint_picture(seed, width, height))
        for seed in seeds
        for width, height in ((641, 479), (1600, 300))
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda pixels: encode_and_decode(pixels, ".jpg", cv2.IMWRITE_JPEG_QUALITY, 60),
        lambda pixels: encode_and_decode(pixels, ".webp", cv2.IMWRITE_WEBP_QUALITY, 60),
        lambda pixels: cv2.resize(pixels, (320, 240), interpolation=cv2.INTER_AREA),
        lambda pixels: cv2.resize(pixels, (1777, 1333), interpolation=cv2.INTER_LINEAR),
        lambda pixels: cv2.convertScaleAbs(pixels, alpha=1, beta=10),
    ],
    ids=["jpeg", "webp", "half", "enlarged", "brighter"],
)
def test_hash_picture_of_copies_differs_in_few_bits(change: Callable[[Pixels], Pixels]) -> None:
    distances = [
        measure_distance(hash_picture(paint_picture(seed)), hash_picture(change(paint_picture(seed))))
        for seed in range(8)
    ]

    assert max(distances) <= 6


def test_hash_picture_of_different_pictures_differs_in_many_bits() -> None:
    hashes = [hash_picture(paint_picture(seed)) for seed in range(16)]

    assert min(measure_distance(one, other) for at, one in enumerate(hashes) for other in hashes[:at]) > 12


def test_hash_picture_names_five_bits_of_the_prefix() -> None:
    for seed in range(8):
        weak = [*bytes.fromhex(hash_picture(paint_picture(seed))[16:])]

        assert len({*weak}) == 5
        assert max(weak) < PREFIX_BITS


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (31, 33), (480, 640)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_hash_picture_of_one_colour_is_empty(shape: tuple[int, int], level: int) -> None:
    assert hash_picture(np.full((*shape, 3), level, np.uint8)) == ""


def test_hash_picture_of_noise_and_pages_is_empty() -> None:
    random = np.random.default_rng(7)
    noise = random.integers(0, 4, (900, 700, 3)).astype(np.uint8)
    page = np.full((1400, 1000, 3), 255, np.uint8)
    for row in range(3):
        cv2.putText(page, "Dear Sir or Madam", (80, 120 + 40 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 0), 2)

    assert [hash_picture(noise), hash_picture(page)] == ["", ""]


def test_hash_picture_of_small_and_narrow_pictures_is_that_of_larger_ones() -> None:
    small = cv2.resize(paint_picture(3), (16, 40), interpolation=cv2.INTER_AREA)
    enlarged = cv2.resize(small, (160, 400), interpolation=cv2.INTER_NEAREST)

    assert measure_distance(hash_picture(small), hash_picture(enlarged)) <= 6


@pytest.mark.parametrize("size", [(2048, 1536), (1536, 2048), (2048, 256), (2048, 128), (3200, 40)])
def test_hash_picture_of_a_halved_picture_is_the_same(size: tuple[int, int]) -> None:
    pixels = paint_picture(5, *size)

    assert hash_picture(halve(pixels, find_hash_side(*size))) == hash_picture(pixels) != ""


def test_hash_side_of_a_photo_is_that_of_its_short_side() -> None:
    assert (find_hash_side(4000, 3000), find_hash_side(300, 1200)) == (86, 256)


def test_hash_picture_without_vector_instructions_is_the_same(request: pytest.FixtureRequest) -> None:
    expected = make_digest(range(4))
    request.getfixturevalue("plain_opencv")

    assert make_digest(range(4)) == expected


def test_hash_picture_of_a_known_picture_stays_the_same() -> None:
    rows, columns = np.mgrid[:96, :128]
    pixels = ((rows * rows * 3 + columns * columns * 5 + rows * columns * 7) // 97 % 256).astype(np.uint8)

    picture_hash = hash_picture(np.repeat(pixels[:, :, None], 3, 2))

    # pragma: allowlist nextline secret - the hash of a picture; libraries contain such hashes
    assert picture_hash == "00884f4e86a96d1408130e140c"
