"""Uploads in small parts."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from app.adapters.local.objects import FileObjects
from app.domain.images import Image
from app.domain.parts import PartLink, PartRule
from app.domain.ports import Objects
from app.services.part_uploads import PartUploads
from tests.support.aws import BUCKET_NAME, s3_client

RULE: Final = PartRule(max_form_bytes=100, part_bytes=400)


def offer(part_uploads: PartUploads, owner: str, size: int) -> tuple[Image, list[PartLink]]:
    """Begin an upload in parts."""
    return part_uploads.offer(owner, name="Düne.jpg", media_type="image/jpeg", size=size)


def send_parts(objects: Objects, links: Iterable[PartLink], data: bytes) -> None:
    """Send parts of the file `data` to their links. On moto, the links are not verified."""
    for link in links:
        send_bytes(objects, link.url, data[link.part.start : link.part.start + link.part.size])


def send_bytes(objects: Objects, url: str, data: bytes) -> None:
    """Send bytes to the link of a part."""
    link = urlsplit(url)
    parameters = parse_qsl(link.query)
    if isinstance(objects, FileObjects):
        with objects.open_part(link.path.removeprefix("/objects/"), parameters) as file:
            file.write(data)
            file.store()
        return
    values = dict(parameters)
    s3_client().upload_part(
        Bucket=BUCKET_NAME,
        Key=objects.find_key(url) or "",
        UploadId=values["uploadId"],
        PartNumber=int(values["partNumber"]),
        Body=data,
    )
