"""Reads IPTC-IIM records."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from detector.metadata.text import decode_text

_MARKER: Final = 0x1C
_HEADER: Final = 5
_EXTENDED: Final = 0x8000
_MAX_LENGTH_SIZE: Final = 4
_MAX_DATASETS: Final = 5_000
_MAX_VALUES: Final = 500
_MAX_VALUE: Final = 32_767
_APPLICATION: Final = 2


class DataSet(IntEnum):
    """The data sets of record 2 that PixTag reads."""

    TITLE = 5
    KEYWORD = 25
    DATE_CREATED = 55
    TIME_CREATED = 60
    DIGITAL_DATE = 62
    DIGITAL_TIME = 63
    HEADLINE = 105
    CAPTION = 120


_WANTED: Final = frozenset(DataSet)


@dataclass(slots=True)
class Iptc:
    """The values of the data sets in the order of the file."""

    values: dict[int, list[str]] = field(default_factory=dict)

    def find(self, data_set: DataSet) -> list[str]:
        """Return the values of a data set."""
        return self.values.get(data_set, [])

    def first(self, data_set: DataSet) -> str:
        """Return the first value of a data set, or an empty text."""
        return next(iter(self.find(data_set)), "")

    def add(self, block: memoryview) -> None:
        """Add the records of a block. The rest of a damaged block is ignored.

        The marker of the character set is not needed: all texts are UTF-8, or Windows-1252 if that is not possible.
        """
        for record, number, value in _read_data_sets(block):
            if record == _APPLICATION and number in _WANTED:
                values = self.values.setdefault(number, [])
                if len(values) < _MAX_VALUES:
                    values.append(decode_text(bytes(value[:_MAX_VALUE]).strip(b"\0")))


def _read_data_sets(block: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    position = 0
    for _ in range(_MAX_DATASETS):
        header = bytes(block[position : position + _HEADER])
        if len(header) < _HEADER or header[0] != _MARKER:
            return
        position += _HEADER
        size = int.from_bytes(header[3:])
        if size & _EXTENDED:  # the number is the size of the size
            length_size = min(size - _EXTENDED, _MAX_LENGTH_SIZE)
            size = int.from_bytes(block[position : position + length_size])
            position += length_size
        yield header[1], header[2], block[position : position + size]
        position += size
