"""Reads Darknet's cfg and weights files.

The sections, their defaults and the order of the weights match `src/parser.c` in Darknet and in A. Bochkovskiy's fork.
Sources: https://github.com/pjreddie/darknet, https://github.com/AlexeyAB/darknet
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_CHANNELS = 3


class DarknetError(ValueError):
    """A network cannot be read or converted. The message describes the problem."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a cfg file.

    The methods that read an option raise DarknetError if the value is invalid. They also raise it if the option is
    missing and there is no default.

    Attributes:
        name: The name in square brackets.
        line: The line number of the name in the file, starting at 1.
        options: The `key=value` options. If an option occurs twice, Darknet uses the first value.
    """

    name: str
    line: int
    options: dict[str, str] = field(default_factory=dict)

    def number(self, key: str, default: int | None = None) -> int:
        """Return the value of an option as an integer. If it is a list, return the first integer."""
        if default is not None and key not in self.options:
            return default
        return self.numbers(key)[0]

    def count(self, key: str, default: int) -> int:
        """Return the value of an option as an integer. The value must be at least 1."""
        number = self.number(key, default)
        if number < 1:
            raise self.error(f"has {key}={number}, but it must be at least 1")
        return number

    def numbers(self, key: str) -> list[int]:
        """Return the comma-separated integers of an option."""
        try:
            return [int(number) for number in self.options[key].split(",")]
        except (KeyError, ValueError):
            raise self.error(f"needs whole numbers for {key}") from None

    def fraction(self, key: str, default: float) -> float:
        """Return the value of an option as a float."""
        return self.fractions(key)[0] if key in self.options else default

    def fractions(self, key: str) -> list[float]:
        """Return the comma-separated numbers of an option as floats."""
        try:
            numbers = [float(number) for number in self.options[key].split(",")]
        except (KeyError, ValueError):
            numbers = [math.nan]
        if not all(map(math.isfinite, numbers)):
            raise self.error(f"needs numbers for {key}")
        return numbers

    def error(self, problem: str) -> DarknetError:
        """Return an error that names the section, its line and the problem."""
        return DarknetError(f"[{self.name}] on line {self.line} of the cfg file {problem}.")


def read_sections(cfg: str) -> list[Section]:
    """Return the sections of a cfg file in file order, except the first section, [net].

    Raises:
        DarknetError: the first section is not [net], or the network does not expect three colour channels.
    """
    sections: list[Section] = []
    for number, line in enumerate(cfg.splitlines(), start=1):
        text = re.split("[#;]", line)[0].strip()
        if text.startswith("["):
            sections.append(Section(text.strip("[]"), number))
        elif text and sections:
            key, _, value = text.partition("=")
            sections[-1].options.setdefault(key.strip(), value.strip())
    if not sections or sections[0].name not in {"net", "network"}:
        raise DarknetError("The cfg file does not begin with a [net] section.")
    net, *layers = sections
    if (channels := net.number("channels", _CHANNELS)) != _CHANNELS:
        raise net.error(f"has channels={channels}, but PixTag's photos have {_CHANNELS}")
    return layers


class Weights:
    """The contents of a weights file. Each layer takes its weights in sequence."""

    def __init__(self, data: bytes) -> None:
        major, minor = np.frombuffer(data[:8].ljust(8, b"\0"), "<i4")
        # The header contains three version numbers and the number of training images. This number has 64 bits since
        # version 0.2 and 32 bits before.
        numbers = data[20:] if major * 10 + minor >= 2 else data[16:]  # noqa: PLR2004
        self._numbers: Floats = np.frombuffer(numbers[: len(numbers) // 4 * 4], "<f4")

    @property
    def remaining(self) -> int:
        """The number of weights that no layer has taken yet."""
        return len(self._numbers)

    def take(self, section: Section, *shape: int) -> Floats:
        """Return the next weights as a float32 array of the given shape.

        Raises:
            DarknetError: not enough weights remain, or a weight is not finite.
        """
        count = math.prod(shape)
        if count > self.remaining:
            raise section.error(f"needs {count} weights, but the weights file has only {self.remaining} left")
        numbers, self._numbers = np.split(self._numbers, [count])
        if not np.isfinite(numbers).all():
            raise section.error("has weights that are not finite")
        return numbers.reshape(shape)
