import io
import struct

import cv2
import numpy as np
import numpy.typing as npt
import pillow_heif
import pytest
from PIL import ExifTags, Image

from detector.damage import NEUTRAL
from detector.heif_grids import find_grid
from detector.pixels import BrokenPhoto, decode, decode_photo, read_header

TILE = 64
NOISE = np.random.default_rng(1).integers(0, 255, (13, 20, 3), dtype=np.uint8)
PHOTO = Image.fromarray(cv2.resize(NOISE, (160, 104)))  # 3 x 2 tiles
NCLX = b"colrnclx" + struct.pack(">HHHB", 1, 13, 6, 0x80)  # as libheif writes it


def encode(photo: Image.Image, *, tile: int = TILE, orientation: int = 1) -> bytes:
    """Return a HEIC, which is a grid if its tiles have a size."""
    pillow_heif.register_heif_opener()
    buffer = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pillow_heif.options, "GRID_TILE_SIZE", tile)
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        photo.save(buffer, "HEIF", **({"exif": exif.tobytes()} if orientation > 1 else {}))
    return buffer.getvalue()


def encode_deep() -> bytes:
    """Return a grid of 10 bits."""
    pixels = np.asarray(PHOTO).astype(np.uint16) * 257
    buffer = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pillow_heif.options, "GRID_TILE_SIZE", TILE)
        pillow_heif.from_bytes("RGB;16", PHOTO.size, pixels.tobytes()).save(buffer)
    return buffer.getvalue()


def decode_whole(data: bytes) -> npt.NDArray[np.uint8]:
    """Decode a HEIC without looking at its tiles."""
    heif = pillow_heif.open_heif(data, bgr_mode=True)
    pixels = np.asarray(heif[heif.primary_index])
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., np.newaxis], 3, axis=2)


GRID = encode(PHOTO)
TILE_PROPERTIES = bytes([4, 0x82, 3, 4, 5])  # in the file of libheif: hvcC, colr, ispe, pixi
OTHER_NCLX = b"colrnclx" + struct.pack(">HHHB", 1, 13, 1, 0)
GRIDS = {
    "colours": GRID,
    "grey": encode(PHOTO.convert("L")),
    "10 bits": encode_deep(),
    "other code points": GRID.replace(NCLX, OTHER_NCLX),
    "code points of the grid only": GRID.replace(NCLX, OTHER_NCLX).replace(TILE_PROPERTIES, bytes([4, 0x82, 5, 4, 5])),
    **{f"orientation {number}": encode(PHOTO, orientation=number) for number in range(2, 9)},
}


@pytest.mark.parametrize("data", GRIDS.values(), ids=GRIDS)
def test_decode_of_a_grid_returns_the_pixels_of_libheif(data: bytes) -> None:
    header = read_header(data)

    pixels = decode(data, header)

    assert find_grid(data)
    assert pixels.shape[:2] == (header.height, header.width)
    assert (pixels == decode_whole(data)).all()


def test_decode_of_a_grid_with_long_side_returns_reduced_pixels() -> None:
    pixels = decode(GRID, read_header(GRID), long_side=80)

    assert (pixels == cv2.resize(decode_whole(GRID), (80, 52), interpolation=cv2.INTER_AREA)).all()


def test_decode_of_a_grid_needs_memory_for_a_tile_only() -> None:
    grid, whole = (read_header(data).decode_bytes for data in (GRID, encode(PHOTO, tile=0)))

    base = 24_000_000
    assert (grid - base) / (whole - base) == pytest.approx(TILE * TILE / (160 * 104), rel=0.01)


def replace_size(data: bytes, old: tuple[int, int], new: tuple[int, int]) -> bytes:
    """Return the file with another size in its `ispe` boxes."""
    head = b"ispe" + bytes(4)
    return data.replace(head + struct.pack(">II", *old), head + struct.pack(">II", *new))


UNUSUAL = {
    "no grid": encode(PHOTO, tile=0),
    "another codec": GRID.replace(b"hvc1\0", b"jpeg\0"),
    "another size in the grid": replace_size(GRID, PHOTO.size, (160, 103)),
    "tiles of another size": replace_size(GRID, (TILE, TILE), (128, TILE)),
    "a tile of another size": GRID.replace(TILE_PROPERTIES, bytes([4, 0x82, 3, 1, 5]), 2).replace(
        bytes([4, 0x82, 3, 1, 5]), TILE_PROPERTIES, 1
    ),
    "tiles of an odd size": replace_size(GRID, (TILE, TILE), (62, TILE)),
    "a crop": encode(PHOTO, orientation=6).replace(b"irot", b"clap"),
    "a tile without a size": GRID.replace(b"ispe" + bytes(4) + struct.pack(">II", TILE, TILE), b"free" + bytes(12)),
    "a tile that is rotated": GRID.replace(b"colrnclx", b"irotnclx"),
    "nothing": b"",
}


@pytest.mark.parametrize("data", UNUSUAL.values(), ids=UNUSUAL)
def test_find_grid_of_an_unusual_file_returns_none(data: bytes) -> None:
    assert find_grid(data) is None


def test_find_grid_of_a_damaged_file_never_raises() -> None:
    head = GRID[: GRID.index(b"mdat")]

    for position in range(len(head)):
        find_grid(head[:position])
        find_grid(GRID[:position] + b"\xff" + GRID[position + 1 :])


@pytest.mark.parametrize("end", [len(GRID) * 3 // 4, len(GRID) - 5])
def test_decode_of_a_grid_that_was_cut_off_shows_its_first_rows_of_tiles(end: int) -> None:
    part = GRID[:end]

    photo = decode_photo(part, read_header(part))

    assert photo.damage == "Damaged: about the upper 61 % could be read."
    assert (photo.pixels[:TILE] == decode_whole(GRID)[:TILE]).all()
    assert (photo.pixels[TILE:] == NEUTRAL).all()


def test_make_file_of_a_tile_that_was_cut_off_raises_value_error() -> None:
    grid = find_grid(GRID[:-5])
    assert grid

    assert [read_header(grid.make_file(tile)).width for tile in grid.tiles[:-1]] == [TILE] * 5
    with pytest.raises(ValueError, match="cut off"):
        grid.make_file(grid.tiles[-1])


def test_damage_of_a_rotated_grid_names_the_side_that_people_see() -> None:
    turned = encode(PHOTO, orientation=6)
    part = turned[: len(turned) * 3 // 4]

    assert decode_photo(part, read_header(part)).damage == "Damaged: about the right 61 % could be read."


def test_decode_of_a_grid_without_a_complete_row_raises_broken_photo() -> None:
    part = GRID[: GRID.index(b"mdat") + 100]

    with pytest.raises(BrokenPhoto):
        decode(part, read_header(part))


def test_decode_of_tiles_with_other_sizes_than_declared_raises_broken_photo() -> None:
    data = replace_size(GRID, (TILE, TILE), (56, 56))
    assert find_grid(data)

    with pytest.raises(BrokenPhoto):
        decode(data, read_header(data))
