"""Finds the tiles of HEIC photos that are grids, so that they can be decoded one by one.

libheif needs memory for several versions of the whole photo. Cameras and phones store large photos as grids.
Source: ISO/IEC 23008-12, sections 6.5 and 6.6.2.3
"""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from detector.heif import HEVC
from detector.heif_items import DAMAGE, Items, Location, Properties
from detector.heif_stills import make_box, make_file

_ROTATION: Final = b"irot"
_MIRROR: Final = b"imir"
_CROP: Final = b"clap"
# The EXIF orientation that shows the stored corners 0, 1, 2, 3 at these places: top left, top right, bottom left and
# bottom right.
_ORIENTATIONS: Final = {
    (0, 1, 2, 3): 1,
    (1, 0, 3, 2): 2,
    (3, 2, 1, 0): 3,
    (2, 3, 0, 1): 4,
    (0, 2, 1, 3): 5,
    (2, 0, 3, 1): 6,
    (3, 1, 2, 0): 7,
    (1, 3, 0, 2): 8,
}
_RECIPE_BYTES: Final = 12
_MAX_TILE_BYTES: Final = 2**24
_MAX_TILES: Final = 2_500
_SIDE_STEP: Final = 8  # a reduced photo has the same pixels with and without tiles


@dataclass(frozen=True, slots=True)
class Tile:
    """The place of an encoded tile, and the types and contents of its properties."""

    location: Location
    properties: list[tuple[bytes, memoryview]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A photo that consists of tiles of the same size. Sizes are in pixels of the stored photo.

    Attributes:
        width: The width of the photo. The last column of tiles may reach beyond it.
        height: The height of the photo.
        tile_width: The width of a tile, a multiple of 8.
        tile_height: The height of a tile, a multiple of 8.
        columns: The number of tiles in a row.
        tiles: The tiles, row by row.
        properties: The types and contents of the properties of the photo.
    """

    width: int
    height: int
    tile_width: int
    tile_height: int
    columns: int
    tiles: list[Tile]
    properties: list[tuple[bytes, memoryview]]

    @property
    def orientation(self) -> int:
        """The EXIF orientation of the stored pixels, from 1 to 8."""
        a, b, c, d = 0, 1, 2, 3
        for kind, content in self.properties:
            parameter = int.from_bytes(content[:1])
            for _ in range(parameter & 3 if kind == _ROTATION else 0):  # by 90 degrees to the left
                a, b, c, d = b, d, a, c
            if kind == _MIRROR:
                a, b, c, d = (b, a, d, c) if parameter & 1 else (c, d, a, b)
        return _ORIENTATIONS[a, b, c, d]

    @property
    def tile_share(self) -> float:
        """The pixels of a tile, divided by those of the photo."""
        return self.tile_width * self.tile_height / (self.width * self.height)

    def make_file(self, tile: Tile) -> bytes:
        """Return a HEIC file with a tile as its only picture.

        Raises:
            ValueError, KeyError: the tile was cut off or damaged.
        """
        if tile.location.is_cut:
            raise ValueError("The tile is cut off.")
        codec = make_box(b"hvcC", dict(tile.properties)[b"hvcC"])
        colours = _find_nclx(self.properties) or _find_nclx(tile.properties)
        sample = tile.location.read(_MAX_TILE_BYTES)
        return make_file(sample, self.tile_width, self.tile_height, [codec, *colours])


def find_grid(data: bytes) -> Grid | None:
    """Return the grid that is the primary item of a HEIC file. Return None if it is none, damaged, or unusual."""
    with suppress(struct.error, StopIteration, *DAMAGE):
        items = Items(data)
        types = {item.id: item.type for item in items.list_items()}
        if types[items.primary] == b"grid":
            return _read_grid(items, types)
    return None


def _read_grid(items: Items, types: dict[int, bytes]) -> Grid | None:
    primary = items.primary
    numbers = next(used for item, used in items.list_references(b"dimg") if item == primary)
    locations = dict(items.list_locations())
    recipe = locations[primary].read(_RECIPE_BYTES).ljust(_RECIPE_BYTES, b"\0")
    rows, columns = recipe[2] + 1, recipe[3] + 1
    width, height = struct.unpack_from(">II" if recipe[1] & 1 else ">HH", recipe, 4)
    properties = items.read_properties()
    tile_width, tile_height = _read_size(properties, numbers[0])
    sizes = {_read_size(properties, number) for number in numbers}
    own = properties.find(primary)
    is_usual = (
        len(numbers) == rows * columns <= _MAX_TILES
        and all(types[number] in HEVC for number in numbers)
        and sizes == {(tile_width, tile_height)}
        and struct.unpack_from(">II", dict(own)[b"ispe"], 4) == (width, height)
        and all(kind != _CROP for kind, _ in own)
        and not tile_width % _SIDE_STEP
        and not tile_height % _SIDE_STEP
        and (columns, rows) == (-(-width // tile_width), -(-height // tile_height))
    )
    if not is_usual:
        return None
    tiles = [Tile(locations[number], properties.find(number)) for number in numbers]
    return Grid(width, height, tile_width, tile_height, columns, tiles, own)


def _find_nclx(properties: list[tuple[bytes, memoryview]]) -> list[bytes]:
    """Return the boxes of the code points."""
    return [
        make_box(kind, content) for kind, content in properties if kind == b"colr" and bytes(content[:4]) == b"nclx"
    ]


def _read_size(properties: Properties, tile: int) -> tuple[int, int]:
    """Return the size of a tile.

    Raises:
        KeyError: the tile has no size, or transformations of its own.
    """
    found = dict(properties.find(tile))
    if not found.keys().isdisjoint({_ROTATION, _MIRROR, _CROP}):
        raise KeyError
    width, height = struct.unpack_from(">II", found[b"ispe"], 4)
    return width, height
