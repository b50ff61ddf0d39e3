"""Describes the damage of photos that can be decoded only in part."""

from __future__ import annotations

from dataclasses import dataclass

NEUTRAL = 128
"""The shade of grey of rows that could not be decoded."""

_HALF = range(45, 56)  # percent
_MOST = 95
# EXIF orientations show the first stored row at the top, at the bottom, on the left or on the right.
_FIRST_ROW = {3: "lower", 4: "lower", 5: "left", 6: "right", 7: "right", 8: "left"}

BLURRED = "Damaged: the photo is less sharp than the original, because a part of the file is missing."
NO_END = "Damaged: the end of the file is missing. All rows could be read."


@dataclass(frozen=True, slots=True)
class ReadRows:
    """The rows that could be decoded, from the first stored row on.

    Attributes:
        rows: The number of complete rows.
        total: The number of rows of the photo.
        note: Describes another damage, in case that all rows could be decoded.
    """

    rows: int
    total: int
    note: str = ""

    def describe(self, orientation: int) -> str:
        """Return a sentence about the damage for people, who see the photo in this EXIF orientation.

        The text is empty if the photo is not damaged.
        """
        if self.rows >= self.total:
            return self.note
        percent = 100 * self.rows // self.total
        side = _FIRST_ROW.get(orientation, "upper")
        if percent >= _MOST:
            return "Damaged: almost the whole photo could be read."
        if percent in _HALF:
            return f"Damaged: about the {side} half could be read."
        return f"Damaged: about the {side} {max(1, percent)} % could be read."
