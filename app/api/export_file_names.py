"""Makes the file names of an export unique, as other programs require."""

import unicodedata
from pathlib import PurePath

from app.domain.file_names import MAX_NAME_BYTES


class FileNames:
    """The file names in a document.

    Programs that read COCO files use the name without its ending as a key, so `IMG_1.jpg` and `IMG_1.png` would be one
    image. Some file systems ignore case and the form of accents.
    """

    def __init__(self) -> None:
        self._last: dict[str, int] = {}  # the last number that was added to each stem, by its key

    def make_unique(self, name: str) -> str:
        """Return the name, or the name with a number before its ending if another name has the same stem."""
        stem, ending = PurePath(name).stem, PurePath(name).suffix
        key = _fold(stem)
        if key not in self._last:
            self._last[key] = 1
            return name
        while True:
            self._last[key] += 1
            number = f"-{self._last[key]}"
            room = MAX_NAME_BYTES - len(f"{number}{ending}".encode())
            numbered = stem.encode()[:room].decode(errors="ignore") + number
            if _fold(numbered) not in self._last:
                self._last[_fold(numbered)] = 1
                return numbered + ending


def _fold(stem: str) -> str:
    return unicodedata.normalize("NFC", stem).casefold()
