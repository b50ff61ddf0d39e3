"""Reads XMP packets (ISO 16684-1). Properties are found by their namespaces, whatever prefixes the packet uses."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from detector.metadata.blocks import MAX_BLOCK

_MAX_DEPTH: Final = 50
_MAX_VALUES: Final = 500
_MAX_VALUE: Final = 10_000
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns# "
_ROOT, _ITEM, _VALUE = _RDF + "RDF", _RDF + "li", _RDF + "value"
_LANGUAGE: Final = "http://www.w3.org/XML/1998/namespace lang"
_DEFAULT_LANGUAGE: Final = "x-default"
_PREFIXES: Final = {
    "http://purl.org/dc/elements/1.1": "dc",
    "http://ns.adobe.com/xap/1.0": "xmp",
    "http://ns.adobe.com/exif/1.0": "exif",
    "http://ns.adobe.com/exif/1.0/aux": "aux",
    "http://cipa.jp/exif/1.0": "exifEX",
    "http://ns.adobe.com/tiff/1.0": "tiff",
    "http://ns.adobe.com/photoshop/1.0": "photoshop",
    "http://ns.adobe.com/lightroom/1.0": "lr",
    "http://ns.microsoft.com/photo/1.0": "microsoft",
    "http://ns.microsoft.com/photo/1.2": "microsoft",
    "http://www.digikam.org/ns/1.0": "digikam",
}  # fmt: skip
_WANTED: Final = frozenset({
    "dc:title", "dc:description", "dc:subject", "xmp:Rating", "xmp:CreateDate", "exif:DateTimeOriginal",
    "exif:DateTimeDigitized", "exif:GPSTimeStamp", "exif:GPSLatitude", "exif:GPSLongitude", "exif:GPSAltitude",
    "exif:GPSAltitudeRef", "exif:ExposureTime", "exif:FNumber", "exif:ISOSpeedRatings", "exif:FocalLength",
    "exif:FocalLengthIn35mmFilm", "exif:UserComment", "exifEX:PhotographicSensitivity", "exifEX:LensModel",
    "exifEX:OffsetTimeOriginal", "aux:Lens", "tiff:Make", "tiff:Model", "tiff:ImageDescription",
    "photoshop:DateCreated", "photoshop:Headline", "lr:hierarchicalSubject", "microsoft:Rating",
    "microsoft:LastKeywordXMP", "digikam:TagsList",
})  # fmt: skip
_ENCODINGS: Final = (  # UTF-32 comes first, because its byte order mark starts with that of UTF-16
    (BOM_UTF32_LE, "utf-32"), (BOM_UTF32_BE, "utf-32"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"),
)  # fmt: skip


class _Refused(ValueError):
    """The packet has a document type, or its elements are nested too deeply."""


@dataclass(slots=True)
class Xmp:
    """The values of the properties in all packets of a file.

    Keys are a usual prefix and the name, such as `dc:subject`. Alternatives start with the default language.
    `is_damaged` is whether a packet could not be read to its end.
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    is_damaged: bool = False

    def find(self, key: str) -> list[str]:
        """Return the values of a property."""
        return self.values.get(key, [])

    def first(self, key: str) -> str:
        """Return the first value of a property, or an empty text."""
        return next(iter(self.find(key)), "")

    def add(self, packet: memoryview) -> None:
        """Add the properties of a packet. If it is damaged, the properties before the damage are added."""
        text = _decode(bytes(packet[:MAX_BLOCK]))
        try:
            _Packet(self.values).parse(text)
        except (expat.ExpatError, ValueError):
            self.is_damaged = True


def _decode(packet: bytes) -> str:
    """Decode a packet from its first element on, without bytes that XML does not allow."""
    encoding = next((name for mark, name in _ENCODINGS if packet.startswith(mark)), "utf-8")
    text = packet.decode(encoding, "replace")
    start = min((place for mark in ("<x:xmpmeta", "<rdf:RDF") if (place := text.find(mark)) >= 0), default=None)
    if start is None:
        start = max(0, text.find("<"))
    return text[start:].replace("\0", "")


class _Packet:
    """The state of the parser of one packet.

    Properties are the children of the children of `rdf:RDF`, or attributes of the latter. Their text is their own, or
    that of the elements of a list, or that of `rdf:value` if the property has qualifiers.
    """

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values
        self._path: list[str] = []
        self._root = 0  # the depth of rdf:RDF, or 0 outside of it
        self._property = ""
        self._items: list[tuple[bool, str]] = []
        self._is_default = False
        self._text: list[str] = []

    def parse(self, text: str) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.Parse(text, True)  # noqa: FBT003  # the parser accepts no keywords

    def _refuse(self, *_: object) -> None:
        raise _Refused("A document type can declare entities.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        depth = len(self._path)
        if depth > _MAX_DEPTH:
            raise _Refused("The elements are nested too deeply.")
        self._text.clear()
        if name == _ROOT and not self._root:
            self._root = depth
        elif self._root and depth == self._root + 1:
            for attribute, value in attributes.items():
                self._store(_get_key(attribute), [value])
        elif self._root and depth == self._root + 2:
            self._property = _get_key(name)
            self._items.clear()
        if name == _ITEM:
            self._is_default = attributes.get(_LANGUAGE, "").lower() == _DEFAULT_LANGUAGE

    def _end(self, name: str) -> None:
        depth = len(self._path)
        self._path.pop()
        is_property = bool(self._root) and depth == self._root + 2
        if self._property and (is_property or name in {_ITEM, _VALUE}):
            self._items.append((not self._is_default, "".join(self._text)))
        if is_property:
            items = sorted(self._items, key=lambda item: item[0])
            self._store(self._property, [text for _, text in items])
            self._property = ""
        elif depth == self._root:
            self._root = 0
        self._is_default = False
        self._text.clear()

    def _store(self, key: str, texts: list[str]) -> None:
        texts = [text[:_MAX_VALUE].strip() for text in texts]
        texts = [text for text in texts if text]
        if key in _WANTED and texts:
            values = self._values.setdefault(key, [])
            values += texts[: _MAX_VALUES - len(values)]


def _get_key(name: str) -> str:
    """Return the usual prefix and the name. Some writers forget the last character of the namespace."""
    namespace, _, local = name.rpartition(" ")
    return f"{_PREFIXES.get(namespace.rstrip('/#'), '')}:{local}"
