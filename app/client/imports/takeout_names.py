"""Finds the JSON sidecar of a photo in a Google Takeout by its name.

Takeout writes `NAME.json`, and since 2024 `NAME.supplemental-metadata.json`. The part before `.json` has at most 46
UTF-16 code units: first its end is cut off, and then the name. A number as in `NAME(1).jpg` follows the cut text.
`docs/imports.md` names the sources of these rules.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

SUPPLEMENT: Final = ".supplemental-metadata"
JSON: Final = ".json"
MIN_CUT: Final = 40  # UTF-16 code units of a name that is cut off, with a reserve for other limits than 46
MAX_CUT: Final = 255  # names in zip files can be much longer

_NUMBER: Final = re.compile(r"\(\d{1,6}\)$")
_REPLACED: Final = re.compile(r"[^\w.() -]")  # Takeout replaces some characters in names by '_'


def find_sidecar(name: str, sidecars: Collection[str], read_title: Callable[[str], str]) -> str | None:
    """Return the name of the sidecar of a photo or video, or None.

    Args:
        name: The name of the photo.
        sidecars: The names of all sidecars in its folder. Looking up a name must be fast.
        read_title: Returns the name of the photo that a sidecar contains. It decides between cut names.
    """
    for candidate in _list_whole(name):
        if candidate in sidecars:
            return candidate
    cut = [candidate for candidate in _list_cut(name) if candidate in sidecars]
    return next((candidate for candidate in cut if is_same_name(name, read_title(candidate))), None)


def find_original(name: str, stems: Mapping[str, Sequence[str]], sidecars: Collection[str]) -> str | None:
    """Return the name of the photo of which this one is an edited copy, or None.

    An edited copy is named `NAME-edited.jpg`, with a word of any language, which can be cut off. The original can have
    another ending, or be missing.
    """
    stem, number, suffix = _split(name)
    original, dash, word = stem.rpartition("-")
    if not (dash and original) or any(map(str.isdigit, word)):  # `IMG-2.jpg` is another photo than `IMG.jpg`
        return None
    same_suffix = f"{original}{number}{suffix}"
    if any(candidate in sidecars for candidate in _list_whole(same_suffix)):
        return same_suffix
    return next(iter(stems.get(f"{original}{number}", ())), None)


def is_same_name(name: str, title: str) -> bool:
    """Return whether the name of a file is that of a title, which can be longer and have other characters."""
    stem, _, _ = _split(_REPLACED.sub("_", name))
    return bool(title) and _REPLACED.sub("_", title).startswith(stem)


def _list_whole(name: str) -> Iterator[str]:
    """Yield the possible names of a sidecar that contain the whole name of the photo."""
    for base, number in _list_bases(name):
        full = base + SUPPLEMENT
        for length in range(len(full), len(base) - 1, -1):
            yield f"{full[:length]}{number}{JSON}"
    stem = PurePosixPath(name).stem
    yield f"{stem}{JSON}"


def _list_cut(name: str) -> Iterator[str]:
    """Yield the possible names of a sidecar in which the name of the photo is cut off, the longest first.

    Photos whose names differ only behind the cut get numbers, in an order that is unknown.
    """
    for base, number in reversed(_list_bases(name)):
        cut = base[:-1][:MAX_CUT]
        while len(cut.encode("utf-16-le", "surrogatepass")) >= 2 * MIN_CUT:
            yield f"{cut}{number}{JSON}"
            yield from (f"{cut}({each}){JSON}" for each in range(1, 10))
            cut = cut[:-1]


def _list_bases(name: str) -> list[tuple[str, str]]:
    """Return what the name of a sidecar begins with, and the number behind it."""
    stem, number, suffix = _split(name)
    if not number:
        return [(name, "")]
    return [(name, ""), (name, number), (f"{stem}{suffix}", number)]


def _split(name: str) -> tuple[str, str, str]:
    """Split `IMG(1).jpg` to `IMG`, `(1)` and `.jpg`."""
    path = PurePosixPath(name)
    match = _NUMBER.search(path.stem)
    number = match[0] if match else ""
    return path.stem.removesuffix(number), number, path.suffix
