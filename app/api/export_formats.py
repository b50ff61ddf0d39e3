"""The documents that a library is exported as: its tags as CSV, or its boxes as COCO JSON; knows no HTTP."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Protocol

from pydantic import BaseModel, Field

from app import __version__
from app.adapters.aws.paging import Page
from app.api.schemas import CameraTime, to_tag_counts
from app.domain.ids import EXAMPLE_ID, created_at
from app.domain.images import Image
from app.domain.tags import tag_name
from detector import Detection

COLUMNS: Final = ("id", "name", "added", "taken", "width", "height", "tag", "count", "boxes", "edited")
FULL_BYTES: Final = 7 * 2**19  # one more image, of at most 400 KB in DynamoDB, still fits the 6 MB of Lambda
# Where a cell begins, also to a spreadsheet that takes semicolons for commas, and what makes a formula of it:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = re.compile(r"(^|;)(?=\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


class ExportFormat(StrEnum):
    """What an export is written in."""

    COCO = "coco"
    CSV = "csv"


class CocoInfo(BaseModel):
    """What the document is."""

    description: str = Field(examples=["A page of a PixTag library"])
    url: str = Field("", description="Empty.", examples=[""])
    version: str = Field(description="That of PixTag.", examples=["0.2.0"])
    year: int = Field(examples=[2026])
    contributor: str = Field("", description="Empty.", examples=[""])
    date_created: datetime = Field(examples=["2026-01-31T16:20:00Z"])


class CocoImage(BaseModel):
    """An image; `pixtag_id`, `model` and `tags` are beyond the format."""

    id: int = Field(description="Counts from 1 in each document.", examples=[1])
    file_name: str = Field(examples=["beach.jpg"])
    width: int = Field(description="Pixels, upright.", examples=[4032])
    height: int = Field(description="Pixels, upright.", examples=[3024])
    date_captured: CameraTime | None = Field(
        description="When the camera says it was taken; without a zone if it says none.",
        examples=["2025-08-17T14:03:21"],
    )
    pixtag_id: str = Field(description="Its id in your library.", examples=[EXAMPLE_ID])
    model: str = Field(description="What looked at it.", examples=["yolov3-tiny@dccea06f"])
    tags: dict[str, int] = Field(description="All its tags, those by hand too.", examples=[{"person": 2, "dog": 1}])


class CocoAnnotation(BaseModel):
    """A box and what it shows; `score` is beyond the format."""

    id: int = Field(description="Counts from 1 in each document.", examples=[1])
    image_id: int = Field(examples=[1])
    category_id: int = Field(examples=[1])
    segmentation: list[list[float]] = Field([], description="Empty: objects have boxes, no outlines.", examples=[[]])
    bbox: list[float] = Field(
        min_length=4,
        max_length=4,
        description="Left, top, width and height in pixels of the upright original.",
        examples=[[102.5, 64.0, 220.3, 310.8]],
    )
    area: float = Field(description="Of the box, in square pixels.", examples=[68469.24])
    iscrowd: int = Field(0, description="0: every box shows one object.", examples=[0])
    score: float = Field(description="How sure the model was, 0 to 1.", examples=[0.87])


class CocoCategory(BaseModel):
    """A tag that boxes of the document show."""

    id: int = Field(description="Counts from 1 in each document.", examples=[1])
    name: str = Field(examples=["person"])
    supercategory: str = Field("", description="Empty.", examples=[""])


class CocoDocument(BaseModel):
    """A page of the library in COCO's format for object detection (https://cocodataset.org/#format-data)."""

    info: CocoInfo
    licenses: list[dict[str, str]] = Field(description="Empty.", examples=[[]])
    images: list[CocoImage]
    annotations: list[CocoAnnotation]
    categories: list[CocoCategory]


class Document(Protocol):
    """A page of the library while it is written.

    `size` is that of the images in it, in bytes of a JSON string: as such Lambda hands an answer on.
    """

    media_type: str
    ending: str
    size: int

    def add(self, image: Image) -> None:
        """Write an image."""
        ...

    def text(self) -> str:
        """Return the whole document."""
        ...


class Coco:
    """COCO JSON; whoever reads it as the encoding of their system reads it right, for it is ASCII."""

    media_type = "application/json"
    ending = "json"

    def __init__(self) -> None:
        self.size = 0
        self._parts: dict[str, list[str]] = {"images": [], "annotations": [], "categories": []}
        self._numbers: dict[str, int] = {}

    def add(self, image: Image) -> None:
        """Write an image with its boxes."""
        self._write(
            "images",
            CocoImage(
                id=len(self._parts["images"]) + 1,
                file_name=image.name,
                width=image.width,
                height=image.height,
                date_captured=image.taken_at,
                pixtag_id=image.id,
                model=image.model,
                tags=dict(image.tags),
            ),
        )
        for tag, detection in _boxes(image):
            self._annotate(tag, detection)

    def _annotate(self, tag: str, detection: Detection) -> None:
        if tag not in self._numbers:
            self._numbers[tag] = len(self._numbers) + 1
            self._write("categories", CocoCategory(id=self._numbers[tag], name=tag))
        box = detection.box
        width, height = round(box.x2 - box.x1, 1), round(box.y2 - box.y1, 1)  # edges are kept to a tenth
        self._write(
            "annotations",
            CocoAnnotation(
                id=len(self._parts["annotations"]) + 1,
                image_id=len(self._parts["images"]),
                category_id=self._numbers[tag],
                bbox=[box.x1, box.y1, width, height],
                area=round(width * height, 2),
                score=detection.confidence,
            ),
        )

    def _write(self, part: str, entry: BaseModel) -> None:
        text = entry.model_dump_json(ensure_ascii=True)
        self._parts[part].append(text)
        self.size += _size(text)

    def text(self) -> str:
        """Return the whole document."""
        now = datetime.now(UTC)
        info = CocoInfo(description="A page of a PixTag library", version=__version__, year=now.year, date_created=now)
        parts = ",".join(f'"{part}":[{",".join(entries)}]' for part, entries in self._parts.items())
        return f'{{"info":{info.model_dump_json()},"licenses":[],{parts}}}'


class Csv:
    """RFC 4180, with a header row."""

    media_type = "text/csv; charset=utf-8"
    ending = "csv"

    def __init__(self) -> None:
        self.size = 0
        self._texts = [_lines([COLUMNS])]

    def add(self, image: Image) -> None:
        """Write a row for each tag of an image."""
        boxes = Counter(tag for tag, _ in _boxes(image))
        facts = (
            image.id,
            _harmless(image.name),
            _second(created_at(image.id)),
            image.taken_at.isoformat() if image.taken_at else "",
            image.width,
            image.height,
        )
        rows = [
            (*facts, _harmless(one.tag), one.count, boxes[one.tag], _second(image.edited_at(one.tag)))
            for one in to_tag_counts(image.tags)
        ]
        text = _lines(rows or [(*facts, "", 0, 0, "")])
        self._texts.append(text)
        self.size += _size(text)

    def text(self) -> str:
        """Return the whole document."""
        return "".join(self._texts)


DOCUMENTS: Final[Mapping[ExportFormat, Callable[[], Document]]] = {ExportFormat.COCO: Coco, ExportFormat.CSV: Csv}


def fill(document: Document, found: Page[Image]) -> str | None:
    """Write images until the document is full; the cursor behind the last of them."""
    for image in found.images:
        document.add(image)
        if document.size > FULL_BYTES:
            return image.id
    return found.cursor


def _boxes(image: Image) -> list[tuple[str, Detection]]:
    """Each box with the tag that it shows, but those of tags that a person took away."""
    named = [(tag_name(shown.label), shown) for shown in image.visible_detections]
    return [(tag, detection) for tag, detection in named if tag not in image.edits or image.edits[tag].count]


def _size(text: str) -> int:
    return len(json.dumps(text))


def _lines(rows: Iterable[Sequence[str | int]]) -> str:
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue()


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1'", text)


def _second(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
