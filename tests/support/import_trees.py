"""Builds exports of other programs, as folders and as zip files, from the descriptions in `docs/imports.md`."""

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from app.client.imports.entries import ImportEntry

JPEG: Final = b"\xff\xd8\xff\xe0" + bytes(600)
HEIC: Final = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(600)
VIDEO: Final = b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(600)

Tree = Mapping[str, Any]
"""Names of files, and their content: bytes, text, or an object that is written as JSON."""


def make_takeout_sidecar(title: str, **values: object) -> dict[str, Any]:
    """Return the sidecar of a photo in Takeout, with the values that every sidecar has."""
    unknown = {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0, "latitudeSpan": 0.0, "longitudeSpan": 0.0}
    return {
        "title": title,
        "description": "",
        "imageViews": "3",
        "creationTime": {"timestamp": "1588549547", "formatted": "3 May 2020, 23:45:47 UTC"},
        "photoTakenTime": {"timestamp": "1564243380", "formatted": "27 Jul 2019, 16:03:00 UTC"},
        "geoData": unknown,
        "geoDataExif": unknown,
        "url": "https://photos.google.com/photo/AF1",
        **values,
    }


def write_tree(folder: Path, files: Tree) -> str:
    """Write files with these names into a folder. Return its path."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_encode(content))
    return str(folder)


def write_zip(path: Path, files: Tree) -> str:
    """Write a zip file with these files. Return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, _encode(content))
    return str(path)


def make_xmp(properties: str) -> str:
    """Return an XMP sidecar as Lightroom, digiKam and Immich write it, with the prefixes of all usual namespaces."""
    names = {
        "dc": "http://purl.org/dc/elements/1.1/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "exif": "http://ns.adobe.com/exif/1.0/",
        "tiff": "http://ns.adobe.com/tiff/1.0/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "digiKam": "http://www.digikam.org/ns/1.0/",
    }
    prefixes = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in names.items())
    return (
        "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        f"<rdf:Description rdf:about='' {prefixes}>{properties}</rdf:Description></rdf:RDF></x:xmpmeta>"
        "<?xpacket end='w'?>"
    )


def by_name(entries: Iterable[ImportEntry]) -> dict[str, ImportEntry]:
    """Return entries by the names of their files, without the names of the folders."""
    return {entry.file.base: entry for entry in entries}


def _encode(content: object) -> bytes:
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)).encode()
