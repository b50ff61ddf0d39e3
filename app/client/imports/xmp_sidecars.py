"""Reads XMP sidecars, which Lightroom, darktable, digiKam and Immich write next to photos."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from app.client.imports.files import (
    DAMAGED_SIDECAR,
    MAX_SIDECAR,
    READ_ERRORS,
    Problem,
    SourceFile,
    describe_read_error,
    read_sidecar,
)
from app.client.imports.values import keep_plausible
from app.domain.metadata import NO_METADATA
from app.domain.sidecars import clean_sidecar
from detector.metadata.blocks import Blocks
from detector.metadata.capture_time import find_capture_time
from detector.metadata.description import find_description
from detector.metadata.position import find_position
from detector.metadata.sources import parse_blocks
from detector.metadata.values import Metadata, TimeSource

XMP: Final = ".xmp"
NO_PHOTO: Final = "The photo of this sidecar is missing."


class XmpSidecars:
    """The XMP sidecars of an export: `NAME.jpg.xmp` or `NAME.xmp` in the folder of the photo.

    The case of names is ignored, unless it decides between several sidecars.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self._files: dict[tuple[str, str], SourceFile] = {}
        self._folded: dict[tuple[str, str], SourceFile] = {}
        self._used: set[str] = set()

    def add(self, file: SourceFile) -> bool:
        """Add a file if it is a sidecar. Return whether it is one."""
        is_sidecar = file.base.lower().endswith(XMP)
        if is_sidecar:
            name = file.name[: -len(XMP)]
            self._files[file.source, name] = self._folded[file.source, name.lower()] = file
        return is_sidecar

    def read(self, photo: SourceFile) -> Metadata:
        """Return the metadata in the sidecar of a photo. If it is damaged, name it, and return what is readable."""
        sidecar = self._find(photo.source, photo.name)
        sidecar = sidecar or self._find(photo.source, str(PurePosixPath(photo.name).with_suffix("")))
        if sidecar is None:
            return NO_METADATA
        is_new = sidecar.label not in self._used
        self._used.add(sidecar.label)
        try:
            data = read_sidecar(sidecar)
        except READ_ERRORS as error:
            metadata, reason = NO_METADATA, describe_read_error(error)
        else:
            metadata, is_damaged = parse_xmp(data)
            reason = DAMAGED_SIDECAR if is_damaged or len(data) > MAX_SIDECAR else ""
        if reason and is_new:
            self._problems.append((sidecar.label, reason))
        return metadata

    def _find(self, source: str, name: str) -> SourceFile | None:
        return self._files.get((source, name)) or self._folded.get((source, name.lower()))

    def name_unused(self) -> None:
        """Name the sidecars without photos."""
        unused = (file for file in self._files.values() if file.label not in self._used)
        self._problems.extend((file.label, NO_PHOTO) for file in unused)


def parse_xmp(data: bytes) -> tuple[Metadata, bool]:
    """Return the metadata in an XMP packet, and whether it is damaged. It is read like the packet of a photo."""
    sources = parse_blocks(Blocks(xmp=[memoryview(data)]))
    taken = find_capture_time(sources)
    metadata = Metadata(
        taken=keep_plausible(replace(taken, source=TimeSource.SIDECAR) if taken else None),
        position=find_position(sources),
        **find_description(sources),
    )
    return clean_sidecar(metadata), sources.xmp.is_damaged
