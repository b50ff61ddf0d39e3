"""Reads folders of photos with XMP sidecars, such as those of Lightroom, digiKam and Immich."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from app.client.imports.entries import ImportEntry, explain_no_photo
from app.client.imports.files import Problem, SourceFile, SourceFiles
from app.client.imports.xmp_sidecars import XmpSidecars
from app.domain.sidecars import clean_sidecar

IMMICH_FOLDERS: Final = frozenset({"backups", "encoded-video", "profile", "thumbs"})
"""The folders of Immich's upload location that contain no originals."""

_SYSTEM_FILES: Final = frozenset({"thumbs.db", "desktop.ini"})


class Folder:
    """The photos in folders and zip files. Each iteration reads the files again.

    Args:
        paths: The folders and zip files.
        folder_tags: Whether the names of folders become keywords.
        left_out: The names of folders, directly below a path, that are not read.

    Attributes:
        problems: The files that are not imported, and why.
    """

    def __init__(
        self, paths: list[str], *, folder_tags: bool = False, left_out: AbstractSet[str] = frozenset()
    ) -> None:
        self.problems: list[Problem] = []
        self._paths = paths
        self._folder_tags = folder_tags
        self._left_out = left_out

    def __iter__(self) -> Iterator[ImportEntry]:
        self.problems = []
        sidecars = XmpSidecars(self.problems)
        files = SourceFiles(self._paths, self.problems)
        photos = [file for file in files if self._is_wanted(file) and not sidecars.add(file)]
        for photo in photos:
            metadata = sidecars.read(photo)
            if reason := explain_no_photo(photo):
                self.problems.append((photo.label, reason))
                continue
            if self._folder_tags and photo.folder:
                folders = tuple(photo.folder.split("/"))
                metadata = clean_sidecar(replace(metadata, keywords=(*metadata.keywords, *folders)))
            yield ImportEntry(photo, metadata)
        sidecars.name_unused()

    def _is_wanted(self, file: SourceFile) -> bool:
        return file.base.lower() not in _SYSTEM_FILES and file.name.partition("/")[0] not in self._left_out
