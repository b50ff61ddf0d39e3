"""Exports the library: joins the pages of the server to one document, with bounded memory."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Final

from app.client.connection import Connection
from app.client.library import search

PAGE: Final = 500


def export_json(connection: Connection) -> Iterator[bytes]:
    """Yield a JSON array of all photos, one in each line."""
    separator = "[\n"
    for image in search(connection, ""):
        yield f"{separator}{json.dumps(image, ensure_ascii=False)}".encode()
        separator = ",\n"
    yield b"\n]\n" if separator == ",\n" else b"[]\n"


def export_csv(connection: Connection) -> Iterator[bytes]:
    """Yield one CSV document. Only its first page has the byte order mark and the header."""
    for number, page in enumerate(_pages(connection, "csv")):
        yield page if number == 0 else page.partition(b"\r\n")[2]


def export_coco(connection: Connection) -> Iterator[bytes]:
    """Yield one COCO document. Images, annotations and categories are numbered again, and file names are unique."""
    categories: dict[str, int] = {}
    names: set[str] = set()
    images = annotations = 0
    with tempfile.TemporaryFile() as scratch:
        for number, page in enumerate(map(json.loads, _pages(connection, "coco"))):
            if number == 0:
                yield f'{{"info": {_dump(page["info"])},\n"licenses": [],\n"images": ['.encode()
            first_image = images
            for image in page["images"]:
                image |= {"id": images + 1, "file_name": _make_unique(image["file_name"], names)}
                yield f"{_separate(images)}{_dump(image)}".encode()
                images += 1
            own = {category["id"]: category["name"] for category in page["categories"]}
            for annotation in page["annotations"]:
                category = categories.setdefault(own[annotation["category_id"]], len(categories) + 1)
                annotation |= {"id": annotations + 1, "category_id": category}
                annotation["image_id"] += first_image
                scratch.write(f"{_separate(annotations)}{_dump(annotation)}".encode())
                annotations += 1
        yield b'],\n"annotations": ['
        scratch.seek(0)
        yield from iter(lambda: scratch.read(2**16), b"")
        rows = [{"id": number, "name": name, "supercategory": ""} for name, number in categories.items()]
        yield f'],\n"categories": {_dump(rows)}}}\n'.encode()


EXPORTS: Final = {"csv": export_csv, "json": export_json, "coco": export_coco}


def _pages(connection: Connection, name: str) -> Iterator[bytes]:
    path = f"/export/{name}?limit={PAGE}"
    while path:
        response = connection.call("GET", path)
        yield response.content
        path = response.links.get("next", {}).get("url", "")


def _make_unique(name: str, names: set[str]) -> str:
    """Return a file name whose stem no other image has. Tools name their label files by the stem."""
    path, number = PurePath(name), 2
    stem = path.stem
    while stem.casefold() in names:
        stem, number = f"{path.stem}-{number}", number + 1
    names.add(stem.casefold())
    return stem + path.suffix


def _separate(count: int) -> str:
    return ",\n" if count else "\n"


def _dump(value: Any) -> str:  # noqa: ANN401 - JSON can have any type
    return json.dumps(value, ensure_ascii=False)
