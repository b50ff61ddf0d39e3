"""Objects that are files, and requests to their server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.adapters.local.database import Database
from app.adapters.local.objects import FileObjects
from app.domain.ids import Rendition
from tests.support.new_database import open_database

OWNER: Final = "00000000-0000-4000-8000-000000000001"
OTHER: Final = "00000000-0000-4000-8000-000000000002"
ID: Final = "01jd8xk3v5m0z8q4n2c7r9t1wy"
INCOMING: Final = Rendition.INCOMING.key(OWNER, ID)
ORIGINAL: Final = Rendition.ORIGINAL.key(OWNER, ID)
PREVIEW: Final = Rendition.PREVIEW.key(OWNER, ID)
THUMBNAIL: Final = Rendition.THUMBNAIL.key(OWNER, ID)
BOUNDARY: Final = b"7c4bee0a"
CONTENT_TYPE: Final = f"multipart/form-data; boundary={BOUNDARY.decode()}"


@contextmanager
def open_objects(folder: Path) -> Iterator[FileObjects]:
    """Yield the objects of a data folder, with database connections of their own."""
    with open_database(folder) as database:
        yield FileObjects(folder / "objects", database)


def list_files(folder: Path) -> list[str]:
    """Return the paths of all files of objects in a data folder, also of unfinished ones."""
    objects = folder / "objects"
    return sorted(str(path.relative_to(objects)) for path in objects.rglob("*") if path.is_file())


def read_messages(database: Database) -> list[str]:
    """Return the bodies of the messages to the worker."""
    with database.read() as connection:
        return [row["body"] for row in connection.execute("SELECT body FROM message ORDER BY id")]


def make_form(fields: Mapping[str, str], data: bytes, *, end: bytes = b"--\r\n") -> bytes:
    """Return a form as multipart/form-data. The file is the last field."""
    parts = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (BOUNDARY, name.encode(), value.encode())
        for name, value in fields.items()
    ]
    head = b'--%s\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' % BOUNDARY
    return b"".join([*parts, head, data, b"\r\n--", BOUNDARY, end])
