"""Finds the place where a photo was taken."""

import re
from itertools import zip_longest
from math import isfinite, nan
from typing import Final

from detector.metadata.exif import Field, GpsTag, parse_number
from detector.metadata.sources import Sources
from detector.metadata.values import Position
from detector.metadata.xmp import Xmp

_MAX_LATITUDE: Final = 90
_MAX_LONGITUDE: Final = 180
_MIN_ALTITUDE: Final = -11_000
_MAX_ALTITUDE: Final = 100_000
_SEXAGESIMAL: Final = 60
_DIGITS: Final = 7  # of degrees; the last one is a centimetre
_COORDINATE: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<numbers>\d{1,3}(?:\.\d{1,15})?(?:[,\s°'\u2032]+\d{1,2}(?:\.\d{1,15})?){0,2})\W*(?P<ref>[NSEW]?)",
    re.IGNORECASE,
)


def find_position(sources: Sources) -> Position | None:
    """Return the first valid position, from EXIF or XMP. 0° N 0° E is what cameras without a fix write."""
    candidates = [_read_exif(gps) for exif in sources.exif for gps in exif.gps]
    return next((position for position in (*candidates, _read_xmp(sources.xmp)) if position), None)


def _read_exif(gps: dict[int, Field]) -> Position | None:
    latitude = _read_coordinate(gps, GpsTag.LATITUDE, GpsTag.LATITUDE_REF, "NS")
    longitude = _read_coordinate(gps, GpsTag.LONGITUDE, GpsTag.LONGITUDE_REF, "EW")
    altitude = gps[GpsTag.ALTITUDE].number if GpsTag.ALTITUDE in gps else nan
    below = GpsTag.ALTITUDE_REF in gps and _is_below(gps[GpsTag.ALTITUDE_REF].text)
    return _make_position(latitude, longitude, -altitude if below else altitude)


def _read_coordinate(gps: dict[int, Field], tag: GpsTag, ref_tag: GpsTag, refs: str) -> float:
    """Return degrees, or NaN. Without its reference, the side of the equator or of Greenwich is unknown."""
    ref = gps[ref_tag].text.strip()[:1].upper() if ref_tag in gps else ""
    if tag not in gps or not ref or ref not in refs:
        return nan
    degrees = _add_parts(gps[tag].numbers)
    return -degrees if ref == refs[1] else degrees


def _add_parts(numbers: list[float]) -> float:
    """Add degrees, minutes and seconds. Missing minutes and seconds are 0, also if their denominator is 0."""
    if not numbers:
        return nan
    degrees, minutes, seconds = (number for _, number in zip_longest(range(3), numbers[:3], fillvalue=0.0))
    minutes, seconds = (number if isfinite(number) else 0.0 for number in (minutes, seconds))
    if not (0 <= minutes <= _SEXAGESIMAL and 0 <= seconds <= _SEXAGESIMAL):
        return nan
    return degrees + minutes / 60 + seconds / 3600


def _is_below(ref: str) -> bool:
    """Return whether the altitude is below sea level: 1, as a number or as a digit."""
    return ref[:1] in {"\x01", "1"}


def _read_xmp(xmp: Xmp) -> Position | None:
    latitude = _parse_coordinate(xmp.first("exif:GPSLatitude"), "NS")
    longitude = _parse_coordinate(xmp.first("exif:GPSLongitude"), "EW")
    altitude = parse_number(xmp.first("exif:GPSAltitude"))
    below = _is_below(xmp.first("exif:GPSAltitudeRef"))
    return _make_position(latitude, longitude, -altitude if below else altitude)


def _parse_coordinate(text: str, refs: str) -> float:
    """Parse `35,42.5N` or `35,42,30N`, and signed degrees, which some writers use. Return NaN for other texts."""
    match = _COORDINATE.fullmatch(text.strip())
    if not match or (match["ref"] and match["ref"].upper() not in refs):
        return nan
    numbers = [float(number) for number in re.findall(r"[\d.]+", match["numbers"])]
    return -_add_parts(numbers) if match["sign"] == "-" or match["ref"].upper() == refs[1] else _add_parts(numbers)


def _make_position(latitude: float, longitude: float, altitude: float) -> Position | None:
    if not (abs(latitude) <= _MAX_LATITUDE and abs(longitude) <= _MAX_LONGITUDE) or latitude == longitude == 0:
        return None
    height = round(altitude, 2) if _MIN_ALTITUDE <= altitude <= _MAX_ALTITUDE else None
    return Position(round(latitude, _DIGITS), round(longitude, _DIGITS), height)
