"""Finds the capture time in the metadata of a photo."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

from detector.metadata.exif import Exif, Field, GpsTag, Tag
from detector.metadata.iptc import DataSet
from detector.metadata.sources import Sources
from detector.metadata.times import ParsedTime, parse_offset, parse_time
from detector.metadata.values import CaptureTime, TimeSource

_ORIGINAL: Final = (Tag.ORIGINAL, Tag.OFFSET_ORIGINAL, Tag.SUBSEC_ORIGINAL)
_DIGITIZED: Final = (Tag.DIGITIZED, Tag.OFFSET_DIGITIZED, Tag.SUBSEC_DIGITIZED)
_MODIFIED: Final = (Tag.MODIFIED, Tag.OFFSET_MODIFIED, Tag.SUBSEC_MODIFIED)
_XMP_TIMES: Final = ("exif:DateTimeOriginal", "exif:DateTimeDigitized", "xmp:CreateDate", "photoshop:DateCreated")
_IPTC_TIMES: Final = ((DataSet.DATE_CREATED, DataSet.TIME_CREATED), (DataSet.DIGITAL_DATE, DataSet.DIGITAL_TIME))
# ImageMagick writes the first two when it converts a JPEG file.
_PNG_TIMES: Final = ("exif:datetimeoriginal", "exif:datetimedigitized", "creationtime", "createdate")
_UTC: Final = timedelta()


def find_capture_time(sources: Sources) -> CaptureTime | None:
    """Return the first valid time, from the most to the least reliable field (ADR 31).

    The time of the last change comes last, because an editor may have set it.
    """
    candidates = (
        _read_exif(sources, *_ORIGINAL),
        _read_exif(sources, *_DIGITIZED),
        _read_xmp(sources),
        _read_iptc(sources),
        _read_png_texts(sources),
        _read_gps(sources),
        _read_exif(sources, *_MODIFIED),
        _read_png_change(sources),
    )
    return next((time for times in candidates for time in times), None)


def _read_exif(sources: Sources, time: Tag, offset: Tag, fraction: Tag) -> Iterator[CaptureTime]:
    for exif in sources.exif:
        for entry in exif.find(time):
            if parsed := parse_time(entry.text):
                yield _convert(_complete(parsed, exif, offset, fraction), TimeSource.EXIF)


def _complete(parsed: ParsedTime, exif: Exif, offset: Tag, fraction: Tag) -> ParsedTime:
    """Add the offset and the fraction of a second, which have their own tags.

    The offset of the last change is used if the file was not changed later, because some cameras only write this one.
    """
    offsets = exif.find(offset)
    if all(change == parsed.local for change in _find_changes(exif)):
        offsets = offsets + exif.find(Tag.OFFSET_MODIFIED)
    if parsed.offset is None:
        values = (parse_offset(entry.text) for entry in offsets)
        parsed = replace(parsed, offset=next((value for value in values if value is not None), None))
    digits = "".join(re.findall(r"[0-9]", _first_text(exif.find(fraction))[:9]))
    if digits and not (parsed.date_only or parsed.local.microsecond):
        parsed = replace(parsed, local=parsed.local.replace(microsecond=int(digits.ljust(6, "0")[:6])))
    return parsed


def _find_changes(exif: Exif) -> list[datetime]:
    times = (parse_time(entry.text) for entry in exif.find(Tag.MODIFIED))
    return [time.local for time in times if time]


def _read_xmp(sources: Sources) -> Iterator[CaptureTime]:
    texts = (text for key in _XMP_TIMES for text in sources.xmp.find(key))
    return _parse_all(texts, TimeSource.XMP)


def _read_iptc(sources: Sources) -> Iterator[CaptureTime]:
    """Read the dates, each with its time. A date with an invalid time is a date."""
    texts = []
    for date, time in _IPTC_TIMES:
        day, clock = sources.iptc.first(date), sources.iptc.first(time)
        texts += [f"{day}T{clock}", day] if clock else [day]
    return _parse_all(texts, TimeSource.IPTC)


def _read_png_texts(sources: Sources) -> Iterator[CaptureTime]:
    texts = sources.blocks.texts
    return _parse_all((texts[key] for key in _PNG_TIMES if key in texts), TimeSource.PNG)


def _read_gps(sources: Sources) -> Iterator[CaptureTime]:
    """Read the time of the satellites, which is UTC."""
    texts = [_join_gps_time(gps) for exif in sources.exif for gps in exif.gps if GpsTag.DATE in gps]
    for time in _parse_all([*texts, *sources.xmp.find("exif:GPSTimeStamp")], TimeSource.GPS):
        utc = time.local - (time.offset or _UTC)
        yield replace(time, local=utc, offset=_UTC)


def _join_gps_time(gps: dict[int, Field]) -> str:
    date = gps[GpsTag.DATE].text.strip()
    numbers = gps[GpsTag.TIME].numbers[:3] if GpsTag.TIME in gps else []
    if len(numbers) == 3 and all(map(isfinite, numbers)):  # noqa: PLR2004  # hour, minute and second
        hour, minute, second = numbers
        return f"{date} {hour:02.0f}:{minute:02.0f}:{int(second):02}"
    return date


def _read_png_change(sources: Sources) -> Iterator[CaptureTime]:
    """Read the time of the last change of a PNG file, which is UTC."""
    if len(sources.blocks.modified) == 6:  # noqa: PLR2004  # year to second
        text = "{:04}-{:02}-{:02} {:02}:{:02}:{:02}Z".format(*sources.blocks.modified)
        yield from _parse_all([text], TimeSource.PNG)


def _parse_all(texts: Iterator[str] | list[str], source: TimeSource) -> Iterator[CaptureTime]:
    return (_convert(parsed, source) for text in texts if (parsed := parse_time(text)))


def _convert(parsed: ParsedTime, source: TimeSource) -> CaptureTime:
    return CaptureTime(local=parsed.local, source=source, offset=parsed.offset, date_only=parsed.date_only)


def _first_text(fields: list[Field]) -> str:
    return fields[0].text if fields else ""
