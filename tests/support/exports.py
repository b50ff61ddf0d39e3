"""Images to export, and the pages of an export as a client reads them."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app.api.coco_schemas import CocoDocument
from app.domain.images import Image
from tests.support.fakes import image


def fetch_pages(client: TestClient, kind: str, limit: int = 500) -> Iterator[Response]:
    """Yield each page, following the `Link` header."""
    link: re.Match[str] | None = re.match("<(.*)>", f"</export/{kind}?limit={limit}>")
    while link:
        response = client.get(link[1]).raise_for_status()
        yield response
        link = re.fullmatch('<(/export/.*)>; rel="next"', response.headers.get("Link", ""))


def export(client: TestClient, kind: str = "csv") -> Any:
    """Return the only page: the rows of the CSV without the header row, or the COCO document."""
    (response,) = fetch_pages(client, kind)
    return table_rows(response)[1:] if kind == "csv" else response.json()


def table_rows(response: Response) -> list[list[str]]:
    """Return the rows of a CSV, with its header row."""
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), strict=True))


def check_coco(document: dict[str, Any]) -> None:
    """Assert what the specification of the COCO format requires."""
    CocoDocument.model_validate(document, strict=False, extra="forbid")
    by_id = {part: {entry["id"]: entry for entry in document[part]} for part in ("images", "annotations", "categories")}
    for part, entries in by_id.items():
        assert len(entries) == len(document[part])
        assert all(type(number) is int for number in entries)
    for annotation in document["annotations"]:
        image_entry = by_id["images"][annotation["image_id"]]
        assert annotation["category_id"] in by_id["categories"]
        left, top, width, height = annotation["bbox"]
        assert 0 <= left < left + width <= image_entry["width"]
        assert 0 <= top < top + height <= image_entry["height"]
        assert annotation["area"] == pytest.approx(width * height, abs=0.01)
        assert annotation["iscrowd"] == 0


def list_boxes(document: dict[str, Any]) -> list[tuple[str, str, list[float]]]:
    """Return the image's id in the library, the category's name and the bounding box of each annotation."""
    ids = {entry["id"]: entry["pixtag_id"] for entry in document["images"]}
    names = {entry["id"]: entry["name"] for entry in document["categories"]}
    return [
        (ids[annotation["image_id"]], names[annotation["category_id"]], annotation["bbox"])
        for annotation in document["annotations"]
    ]


def make_image(owner: str, **counts: int) -> Image:
    """Return an image of 64 x 48 pixels with this number of detections per label."""
    return replace(image(owner, counts=counts), width=64, height=48, model="fake@1")
