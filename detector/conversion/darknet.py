"""Reads Darknet's files: the sections of a cfg file and the numbers of a weights file.

Sections, defaults and the order of the numbers follow `src/parser.c` in Darknet and in its fork by A. Bochkovskiy.
Sources: https://github.com/pjreddie/darknet, https://github.com/AlexeyAB/darknet
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class DarknetError(ValueError):
    """A network cannot be read or converted. The message names the section or the file."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a cfg file.

    The methods that read an option raise DarknetError if it is missing and has no default, or if it is not a number.

    Attributes:
        name: The name between the brackets.
        line: The number of its line in the file, from 1.
        options: Its `key=value` options.
    """

    name: str
    line: int
    options: dict[str, str] = field(default_factory=dict)

    def number(self, key: str, default: int | None = None) -> int:
        """Return the whole number of an option."""
        if default is not None and key not in self.options:
            return default
        return self.numbers(key)[0]

    def count(self, key: str, default: int) -> int:
        """Return the whole number of an option, which must be at least 1."""
        number = self.number(key, default)
        if number < 1:
            raise self.error(f"has {key}={number}, but it must be at least 1")
        return number

    def numbers(self, key: str) -> list[int]:
        """Return the whole numbers that an option lists."""
        try:
            return [int(number) for number in self.options[key].split(",")]
        except (KeyError, ValueError):
            raise self.error(f"needs whole numbers for {key}") from None

    def fraction(self, key: str, default: float) -> float:
        """Return the number of an option, which can have decimals."""
        try:
            return float(self.options.get(key, default))
        except ValueError:
            raise self.error(f"needs a number for {key}") from None

    def error(self, problem: str) -> DarknetError:
        """Return an error that names the section, its line and the problem."""
        return DarknetError(f"[{self.name}] in line {self.line} of the cfg {problem}.")


def read_sections(cfg: str) -> list[Section]:
    """Return the sections of a cfg file in their order, without the first one, [net].

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
    """The numbers of a weights file, which the layers take in their order."""

    def __init__(self, data: bytes) -> None:
        major, minor = np.frombuffer(data[:8].ljust(8, b"\0"), "<i4")
        # The header has three version numbers and the number of images seen in training: 64 bits since version 0.2.
        numbers = data[20:] if major * 10 + minor >= 2 else data[16:]  # noqa: PLR2004
        self._numbers: Floats = np.frombuffer(numbers[: len(numbers) // 4 * 4], "<f4")

    @property
    def remaining(self) -> int:
        """The count of numbers that no layer has taken."""
        return len(self._numbers)

    def take(self, section: Section, *shape: int) -> Floats:
        """Return the next numbers as float32 in the given shape.

        Raises:
            DarknetError: fewer numbers remain, or one of them is not finite.
        """
        count = math.prod(shape)
        if count > self.remaining:
            raise section.error(f"needs {count} numbers, but the weights file has only {self.remaining} left")
        numbers, self._numbers = np.split(self._numbers, [count])
        if not np.isfinite(numbers).all():
            raise section.error("gets numbers from the weights file that are not finite")
        return numbers.reshape(shape)
