"""Reads the export of Google Photos by Google Takeout, from folders or zip files."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Final

from app.client.imports.entries import NO_VIDEOS, ImportEntry, explain_no_photo
from app.client.imports.files import Problem, SourceFile, SourceFiles, read_object
from app.client.imports.takeout_names import JSON, find_original, find_sidecar
from app.client.imports.values import keep_plausible, make_number, make_position, make_text, make_title
from app.domain.sidecars import clean_sidecar
from detector.metadata.values import CaptureTime, Metadata, TimeSource

ROOT: Final = "Takeout"
TRASHED: Final = "It is in the trash of Google Photos."
NO_PHOTO: Final = "The photo of this sidecar is missing. It may be in another zip file of the export."
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, without a time zone
_DAY: Final = re.compile(r"\d{4}([-/])\d\d\1\d\d")
_INDEXES: Final = frozenset({".html"})  # pages that Takeout adds


@dataclass
class _Folder:
    """The files of a folder, which can come from several zip files."""

    media: list[SourceFile] = field(default_factory=list)
    sidecars: dict[str, SourceFile] = field(default_factory=dict)

    def group_by_stem(self) -> dict[str, list[str]]:
        """Return the names of the media by their names without endings."""
        stems: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted({file.base for file in self.media}):
            stems[PurePosixPath(name).stem].append(name)
        return stems


class Takeout:
    """The photos of an export. Each iteration reads the files again.

    A photo is in the folder of its year, and again in the folder of each of its albums.

    Attributes:
        problems: The files that are not imported, and why.
    """

    def __init__(self, paths: list[str]) -> None:
        self.problems: list[Problem] = []
        self._paths = paths
        self._damaged: set[str] = set()

    def __iter__(self) -> Iterator[ImportEntry]:
        self.problems, self._damaged = [], set()
        files = SourceFiles(self._paths, self.problems)
        folders: defaultdict[str, _Folder] = defaultdict(_Folder)
        for file in files:
            folder = folders[_find_key(file.folder)]
            if file.base.lower().endswith(JSON):
                folder.sidecars[file.base] = file
            elif PurePosixPath(file.base).suffix.lower() not in _INDEXES:
                folder.media.append(file)
        for _, folder in sorted(folders.items()):
            yield from self._read_folder(folder)

    def _read_folder(self, folder: _Folder) -> Iterator[ImportEntry]:
        stems = folder.group_by_stem()
        read = lru_cache(100)(lambda name: self._parse(folder.sidecars[name]))

        def match(name: str) -> str | None:
            def find(name: str) -> str | None:
                return find_sidecar(name, folder.sidecars, lambda sidecar: make_text(read(sidecar).get("title")))

            if sidecar := find(name):
                return sidecar
            original = find_original(name, stems, folder.sidecars)
            return find(original) if original else None

        matches = {file.base: match(file.base) for file in folder.media}
        album = self._find_album(folder, frozenset(matches.values()))
        for file in folder.media:
            sidecar = matches[file.base]
            values = read(sidecar) if sidecar else {}
            reason = TRASHED if values.get("trashed") is True else _explain(file, stems)
            if reason:
                self.problems.append((file.label, reason))
            else:
                albums = (album,) if album else ()
                dated = replace(file, modified=None)  # it is the time of the export
                yield ImportEntry(dated, _convert(values), albums, values.get("favorited") is True)

    def _find_album(self, folder: _Folder, used: frozenset[str | None]) -> str:
        """Return the title of the album, or an empty text. Name the sidecars without photos.

        The sidecar of an album has a name in the language of the account, and a title, but no time.
        """
        album = ""
        for name, file in folder.sidecars.items():
            if name not in used:
                values = self._parse(file)
                if "photoTakenTime" in values:
                    self.problems.append((file.label, NO_PHOTO))
                else:
                    album = album or _read_title(values)
        return album

    def _parse(self, file: SourceFile) -> dict[str, Any]:
        """Return the values of a sidecar. If it is damaged, name it once and return none."""
        values, reason = read_object(file, json.loads)
        if reason and file.label not in self._damaged:
            self._damaged.add(file.label)
            self.problems.append((file.label, reason))
        return values


def _find_key(folder: str) -> str:
    """Return what all zip files of an export call a folder."""
    parts = folder.split("/")
    return "/".join(parts[parts.index(ROOT) + 1 :]) if ROOT in parts else folder


def _explain(file: SourceFile, stems: Mapping[str, list[str]]) -> str:
    """Return why a file is not imported, or an empty text. The video of a live photo has the name of the photo."""
    reason = explain_no_photo(file)
    stem = PurePosixPath(file.base).stem
    others = [name for name in stems[stem] if name != file.base]
    return f"It is the video of the live photo {others[0]}. {NO_VIDEOS}" if reason == NO_VIDEOS and others else reason


def _read_title(values: Mapping[str, Any]) -> str:
    """Return the title in the sidecar of an album, or an empty text. Old exports have folders of days."""
    title = make_title(values.get("title") or _get_object(values, "albumData").get("title"))
    return "" if _DAY.fullmatch(title) else title


def _convert(values: Mapping[str, Any]) -> Metadata:
    """Return the metadata in a sidecar. Its title is the name of the file, so it is not the title of the photo.

    The place that a person has set is in `geoData`, and that of the camera in `geoDataExif`.
    """
    places = (_get_object(values, "geoData"), _get_object(values, "geoDataExif"))
    positions = (make_position(*map(place.get, ("latitude", "longitude", "altitude"))) for place in places)
    people = values.get("people")
    names = (
        (make_text(person.get("name")) for person in people if isinstance(person, dict))
        if isinstance(people, list)
        else ()
    )
    return clean_sidecar(
        Metadata(
            taken=_convert_time(_get_object(values, "photoTakenTime").get("timestamp")),
            position=next((position for position in positions if position), None),
            description=make_text(values.get("description")),
            keywords=tuple(names),
        )
    )


def _convert_time(timestamp: object) -> CaptureTime | None:
    """Return a time in UTC. 0 means that the time is unknown."""
    seconds = make_number(timestamp)
    try:
        local = _EPOCH + timedelta(seconds=seconds) if seconds else None
    except OverflowError:
        return None
    return keep_plausible(CaptureTime(local, TimeSource.SIDECAR, timedelta())) if local else None


def _get_object(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = values.get(key)
    return value if isinstance(value, dict) else {}
