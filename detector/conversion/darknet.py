"""Darknet's files as they lie on disk: the sections of a cfg, the numbers of a weights file.

Sections, their defaults and the order of the numbers are those of Darknet's ``src/parser.c`` and of A. Bochkovskiy's
continuation of it (https://github.com/pjreddie/darknet, https://github.com/AlexeyAB/darknet).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class DarknetError(ValueError):
    """The files are no network that PixTag can read; the message names the section or the file."""


@dataclass(frozen=True, slots=True)
class Section:
    """One ``[name]`` of a cfg file, the line it stands in, and its ``key=value`` options.

    Every method that reads an option raises DarknetError if it is missing without a default, or no such number.
    """

    name: str
    line: int
    options: dict[str, str] = field(default_factory=dict)

    def number(self, key: str, default: int | None = None) -> int:
        """Return the whole number that an option holds."""
        if default is not None and key not in self.options:
            return default
        return self.numbers(key)[0]

    def count(self, key: str, default: int) -> int:
        """Return the whole number above 0 that an option holds."""
        number = self.number(key, default)
        if number < 1:
            raise self.error(f"needs more than {number} for {key}")
        return number

    def numbers(self, key: str) -> list[int]:
        """Return the whole numbers that an option lists."""
        try:
            return [int(number) for number in self.options[key].split(",")]
        except (KeyError, ValueError):
            raise self.error(f"needs whole numbers for {key}") from None

    def fraction(self, key: str, default: float) -> float:
        """Return the number, whole or not, that an option holds."""
        try:
            return float(self.options.get(key, default))
        except ValueError:
            raise self.error(f"needs a number for {key}") from None

    def error(self, complaint: str) -> DarknetError:
        """Return an error that says where the section stands and what is wrong with it."""
        return DarknetError(f"[{self.name}] in line {self.line} of the cfg {complaint}.")


def read_sections(cfg: str) -> list[Section]:
    """Return the sections of a cfg file after its first, [net], in their order.

    Raises:
        DarknetError: the text does not begin with [net].
    """
    sections: list[Section] = []
    for number, line in enumerate(cfg.splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if text.startswith("["):
            sections.append(Section(text.strip("[]"), number))
        elif text and sections:
            key, _, value = text.partition("=")
            sections[-1].options[key.strip()] = value.strip()
    if not sections or sections[0].name not in {"net", "network"}:
        raise DarknetError("The cfg does not begin with a section [net].")
    return sections[1:]


class Weights:
    """The numbers of a weights file, taken one layer after the other."""

    def __init__(self, data: bytes) -> None:
        major, minor = np.frombuffer(data[:8].ljust(8, b"\0"), "<i4")
        # Three version numbers, then how many pictures were seen in training: 64 bits since version 0.2.
        numbers = data[20:] if major * 10 + minor >= 2 else data[16:]  # noqa: PLR2004
        self._numbers: Floats = np.frombuffer(numbers[: len(numbers) // 4 * 4], "<f4")

    @property
    def left(self) -> int:
        """How many numbers have not been taken."""
        return len(self._numbers)

    def take(self, section: Section, *shape: int) -> Floats:
        """Return the next numbers in a shape.

        Raises:
            DarknetError: there are not so many left, or one of them is not finite.
        """
        count = math.prod(shape)
        if count > self.left:
            raise section.error(f"needs {count} numbers, but the weights file has only {self.left} left")
        taken, self._numbers = np.split(self._numbers, [count])
        if not np.isfinite(taken).all():
            raise section.error("gets numbers from the weights file that are not finite")
        return taken.reshape(shape)
