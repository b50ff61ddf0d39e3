"""Writes XMP sidecars, which exiftool, digiKam, Lightroom, darktable and Immich read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from app import __version__
from detector.metadata.values import Position

SIDECAR_ENDING: Final = ".xmp"
TOOLKIT: Final = "PixTag"  # the program that wrote a sidecar; others put their own name there
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0
_NAMESPACES: Final = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
_SEPARATOR: Final = "|"  # between the levels of `lr:hierarchicalSubject`


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarValues:
    """What a sidecar says about an image. Unknown values are None or empty.

    `taken_at` is the capture time in ISO 8601. It is None if only the time of the upload is known, which says nothing
    about the capture time.
    """

    tags: Sequence[str]
    taken_at: str | None
    title: str
    description: str
    rating: int | None
    position: Position | None


def write_sidecar(values: SidecarValues) -> str:
    """Return the XMP of an image: its tags, date, title, description, rating and position."""
    properties = [
        _list("dc:subject", "Bag", values.tags),
        _list("lr:hierarchicalSubject", "Bag", [tag for tag in values.tags if _SEPARATOR not in tag]),
        _list("dc:title", "Alt", [values.title]),
        _list("dc:description", "Alt", [values.description]),
        _value("xmp:Rating", values.rating),
        *(
            _value(name, values.taken_at)
            for name in ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate")
        ),
        *_position(values.position),
    ]
    namespaces = "".join(f'\n    xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="{TOOLKIT} {__version__}">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f'  <rdf:Description rdf:about=""{namespaces}>\n'
        f"{''.join(properties)}"
        "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n"
        '<?xpacket end="w"?>\n'
    )


def is_own(sidecar: str) -> bool:
    """Return whether PixTag wrote this sidecar, and no other program has changed it."""
    return f'x:xmptk="{TOOLKIT} ' in sidecar


def _position(position: Position | None) -> list[str]:
    if position is None:
        return []
    properties = [
        _value("exif:GPSVersionID", "2.3.0.0"),
        _value("exif:GPSLatitude", _format_degrees(position.latitude, "NS")),
        _value("exif:GPSLongitude", _format_degrees(position.longitude, "EW")),
    ]
    if (altitude := position.altitude) is not None:
        properties.append(_value("exif:GPSAltitude", f"{round(abs(altitude) * 100)}/100"))
        properties.append(_value("exif:GPSAltitudeRef", int(altitude < 0)))
    return properties


def _format_degrees(degrees: float, letters: str) -> str:
    """Return degrees, minutes and direction in the form of XMP: `35,39.517000N`."""
    millionths = round(abs(degrees) * 60_000_000)  # of a minute
    whole, rest = divmod(millionths, 60_000_000)
    return f"{whole},{rest / 1_000_000:.6f}{letters[degrees < 0]}"


def _value(name: str, value: object) -> str:
    return "" if value is None else f"   <{name}>{_escape(str(value))}</{name}>\n"


def _list(name: str, kind: str, values: Sequence[str]) -> str:
    language = ' xml:lang="x-default"' if kind == "Alt" else ""
    items = "".join(f"     <rdf:li{language}>{_escape(value)}</rdf:li>\n" for value in values if value)
    return f"   <{name}>\n    <rdf:{kind}>\n{items}    </rdf:{kind}>\n   </{name}>\n" if items else ""


def _escape(text: str) -> str:
    return escape(_ILLEGAL.sub("", text), quote=False)
