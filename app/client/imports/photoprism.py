"""Reads the originals of PhotoPrism with its YAML sidecars and albums."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from app.client.imports.entries import ImportEntry, explain_no_photo
from app.client.imports.files import Problem, SourceFile, SourceFiles, read_object
from app.client.imports.values import keep_plausible, make_position, make_text, make_title
from app.domain.sidecars import clean_sidecar
from detector.metadata.values import CaptureTime, Metadata, TimeSource

ARCHIVED: Final = "It is in the archive of PhotoPrism."
ORIGINALS: Final = "originals"
SIDECARS: Final = "sidecar"
ALBUMS: Final = "albums"
_YAML: Final = frozenset({".yml", ".yaml"})
_STORAGE: Final = frozenset({"storage", SIDECARS, "cache", "backup", ALBUMS})
_FROM_PEOPLE: Final = frozenset({"manual", "batch", "admin", "meta", "xmp"})
"""The sources of values that a person or the file gave. PhotoPrism guesses the others."""

_LOCAL: Final = frozenset({"", "Local"})  # the time zone is unknown


class PhotoPrism:
    """The photos of PhotoPrism. Each iteration reads the files again.

    Args:
        paths: The folders `originals` and `storage`, or a folder that contains both.

    Attributes:
        problems: The files that are not imported, and why.
    """

    def __init__(self, paths: list[str]) -> None:
        self.problems: list[Problem] = []
        self._paths = paths

    def __iter__(self) -> Iterator[ImportEntry]:
        self.problems = []
        photos: list[SourceFile] = []
        sidecars: dict[str, SourceFile] = {}
        albums: defaultdict[str, list[str]] = defaultdict(list)
        for file in SourceFiles(self._paths, self.problems):
            parts = file.name.split("/")
            is_original = ORIGINALS in parts or not _STORAGE.intersection(parts[:-1])
            if PurePosixPath(file.base).suffix.lower() in _YAML:
                if not is_original and SIDECARS not in parts and ALBUMS in parts:
                    self._read_album(file, albums)
                else:
                    sidecars[_find_key(parts)] = file
            elif is_original:
                photos.append(file)
        for photo in photos:
            yield from self._read_photo(photo, sidecars.get(_find_key(photo.name.split("/"))), albums)

    def _read_album(self, file: SourceFile, albums: Mapping[str, list[str]]) -> None:
        """Add the title of an album to its photos. PhotoPrism makes albums of other types by itself."""
        values = self._parse(file)
        title, photos = make_title(values.get("Title")), values.get("Photos")
        if values.get("Type") != "album" or not title or not isinstance(photos, list):
            return
        for photo in photos:
            if isinstance(photo, dict) and photo.get("Hidden") != "true" and (uid := make_text(photo.get("UID"))):
                albums[uid].append(title)

    def _read_photo(
        self, photo: SourceFile, sidecar: SourceFile | None, albums: Mapping[str, list[str]]
    ) -> Iterator[ImportEntry]:
        values = self._parse(sidecar) if sidecar else {}
        if reason := ARCHIVED if make_text(values.get("DeletedAt")) else explain_no_photo(photo):
            self.problems.append((photo.label, reason))
            return
        titles = albums.get(make_text(values.get("UID")), [])
        yield ImportEntry(photo, _convert(values), tuple(titles), values.get("Favorite") == "true")

    def _parse(self, file: SourceFile) -> Mapping[str, Any]:
        """Return the values of a YAML file as texts, lists and mappings. If it is damaged, name it and return none."""
        values, reason = read_object(file, _parse_yaml)
        if reason and (file.label, reason) not in self.problems[-10:]:  # several files of a photo share a sidecar
            self.problems.append((file.label, reason))
        return values


def _parse_yaml(data: bytes) -> object:
    """Return texts, lists and dicts. The base loader creates nothing else.

    Raises:
        ValueError: this is not YAML.
    """
    try:
        return yaml.BaseLoader(data).get_single_data()
    except yaml.YAMLError as error:
        raise ValueError("This is not YAML.") from error


def _find_key(parts: list[str]) -> str:
    """Return the path without ending below `originals` or `sidecar`, which are equal for a photo and its sidecar."""
    root = next((parts.index(name) + 1 for name in (ORIGINALS, SIDECARS) if name in parts[:-1]), 0)
    return str(PurePosixPath(*parts[root:]).with_suffix(""))


def _convert(values: Mapping[str, Any]) -> Metadata:
    details = values.get("Details")
    details = details if isinstance(details, dict) else {}
    keywords = [*_get_given(details, "Subject").split(","), *_get_given(details, "Keywords").split(",")]
    has_place = values.get("PlaceSrc") != "estimate"
    return clean_sidecar(
        Metadata(
            taken=keep_plausible(_convert_time(values)) if _is_given(values, "Taken") else None,
            position=make_position(*map(values.get, ("Lat", "Lng", "Altitude"))) if has_place else None,
            title=_get_given(values, "Title"),
            description=_get_given(values, "Caption") or _get_given(values, "Description"),
            keywords=tuple(keywords),
        )
    )


def _get_given(values: Mapping[str, Any], name: str) -> str:
    """Return a text if a person or the file gave it."""
    return make_text(values.get(name)) if _is_given(values, name) else ""


def _is_given(values: Mapping[str, Any], name: str) -> bool:
    return make_text(values.get(f"{name}Src")) in _FROM_PEOPLE


def _convert_time(values: Mapping[str, Any]) -> CaptureTime | None:
    """Return the time at the place. `TakenAt` is in UTC, and earlier versions wrote only this one."""
    utc, local = (_parse_time(values.get(name)) for name in ("TakenAt", "TakenAtLocal"))
    zone = make_text(values.get("TimeZone"))
    if utc is None:
        return None
    if zone in _LOCAL:
        return CaptureTime(local or utc, TimeSource.SIDECAR)
    if local is None:
        try:
            local = utc.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        except (OSError, ValueError, OverflowError, KeyError):  # this machine does not know the time zone
            local = utc
    offset = local - utc
    is_valid = timedelta(hours=-12) <= offset <= timedelta(hours=14) and not offset % timedelta(minutes=1)
    return CaptureTime(local, TimeSource.SIDECAR, offset if is_valid else None)


def _parse_time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(make_text(value)).replace(tzinfo=None)
    except ValueError:
        return None
