"""Reads lists such as `Accept` and `Accept-Encoding` (RFC 9110, sections 5.6 and 12.5)."""

import re
from collections.abc import Mapping
from typing import Final

MAX_CHARACTERS: Final = 1_000  # browsers send about 150; the rest of a longer list is not read

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - of a header, not a secret
_VALUE: Final = rf'(?:{_TOKEN}|"(?:[^"\\]|\\.)*")'
_ELEMENT: Final = re.compile(rf"[ \t]*({_TOKEN}(?:/{_TOKEN})?)((?:[ \t]*;[ \t]*(?:{_TOKEN}={_VALUE})?)*)[ \t]*(?:,|$)")
_PARAMETER: Final = re.compile(rf"({_TOKEN})=({_VALUE})")
_QUALITY: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


def read_qualities(header: str) -> Mapping[str, float]:
    """Return the quality of each element in lower case, without its other parameters. 0 means: not acceptable.

    If an element is repeated, for example with different parameters, the highest quality counts. An element that is not
    valid is ignored.
    """
    qualities: dict[str, float] = {}
    for name, parameters in _ELEMENT.findall(header[:MAX_CHARACTERS]):
        quality = next((value for key, value in _PARAMETER.findall(parameters) if key.lower() == "q"), "1")
        number = float(quality) if _QUALITY.fullmatch(quality) else 1.0
        qualities[name.lower()] = max(number, qualities.get(name.lower(), 0.0))
    return qualities
