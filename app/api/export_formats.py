"""Writes boxes as COCO JSON and tags as CSV. This module does not depend on HTTP."""

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
from app.api.detection_schemas import BoxSource
from app.api.export_file_names import FileNames
from app.api.schemas import CAPTURE_TIME_FORMS
from app.api.tag_schemas import to_tag_counts
from app.domain.capture_times import format_capture_time
from app.domain.corrections import DrawnBox
from app.domain.ids import EXAMPLE_ID, created_at
from app.domain.images import Image
from app.domain.pages import Page
from app.domain.tags import tag_name
from detector import Detection
from detector.metadata.values import TimeSource

COLUMNS: Final = (
    "id",
    "name",
    "added",
    "taken",
    "width",
    "height",
    "tag",
    "count",
    "boxes",
    "edited",
    "taken_source",
    "certain",
)
BYTE_ORDER_MARK: Final = "\ufeff"
FULL_PAGE_BYTES: Final = 7 * 2**19  # leaves room for one more image (up to 400 KB) within Lambda's 6 MB
# Matches a formula at the start of a cell. Some spreadsheets also start a new cell after a semicolon.
# Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = re.compile(r"(^|;)(?=\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


class ExportFormat(StrEnum):
    """The format of an export."""

    COCO = "coco"
    CSV = "csv"


class CocoInfo(BaseModel):
    """Information about the document."""

    description: str = Field(examples=["A page of a PixTag library"])
    url: str = Field("", description="Always empty.", examples=[""])
    version: str = Field(description="The PixTag version.", examples=["0.7.0"])
    year: int = Field(examples=[2026])
    contributor: str = Field("", description="Always empty.", examples=[""])
    date_created: datetime = Field(examples=["2026-01-31T16:20:00Z"])


class CocoImage(BaseModel):
    """An image. `date_captured_source`, `pixtag_id`, `model` and `tags` extend the COCO format."""

    id: int = Field(description="Starts at 1 in each document.", examples=[1])
    file_name: str = Field(
        description="The name of the image. If another image in the document has the same name, also with another "
        "ending, a number is added: `beach-2.jpg`.",
        examples=["beach.jpg"],
    )
    width: int = Field(description="The width of the upright image in pixels.", examples=[4032])
    height: int = Field(description="The height of the upright image in pixels.", examples=[3024])
    date_captured: str = Field(
        description=f"When the photo was taken, or uploaded if that is unknown. {CAPTURE_TIME_FORMS}",
        examples=["2019-07-28T01:03:00+09:00"],
    )
    date_captured_source: TimeSource = Field(description="Where `date_captured` comes from.", examples=["exif"])
    pixtag_id: str = Field(description="The id of the image in your library.", examples=[EXAMPLE_ID])
    model: str = Field(
        description="The name and version of the model that detected the objects.", examples=["yolov3-tiny@dccea06f"]
    )
    tags: dict[str, int] = Field(
        description="All tags of the image and their counts, including edited counts.",
        examples=[{"person": 2, "dog": 1}],
    )


class CocoAnnotation(BaseModel):
    """An object in an image. `score` and `source` extend the COCO format."""

    id: int = Field(description="Starts at 1 in each document.", examples=[1])
    image_id: int = Field(examples=[1])
    category_id: int = Field(examples=[1])
    segmentation: list[list[float]] = Field(
        [], description="Always empty, because boxes have no outlines.", examples=[[]]
    )
    bbox: list[float] = Field(
        min_length=4,
        max_length=4,
        description="Left, top, width and height in pixels of the upright original.",
        examples=[[102.5, 64.0, 220.3, 310.8]],
    )
    area: float = Field(description="The area of the bounding box in square pixels.", examples=[68469.24])
    iscrowd: int = Field(0, description="Always 0, because each bounding box contains one object.", examples=[0])
    score: float = Field(description="The model's confidence, from 0 to 1. 1 for a box that you drew.", examples=[0.87])
    source: BoxSource = Field(description="`model` if the model detected the object, `person` if you drew the box.")


class CocoCategory(BaseModel):
    """A tag that has boxes in the document."""

    id: int = Field(description="Starts at 1 in each document.", examples=[1])
    name: str = Field(examples=["person"])
    supercategory: str = Field("", description="Always empty.", examples=[""])


class CocoDocument(BaseModel):
    """A page of the library in the COCO object detection format (https://cocodataset.org/#format-data)."""

    info: CocoInfo
    licenses: list[dict[str, str]] = Field(description="Always empty.", examples=[[]])
    images: list[CocoImage]
    annotations: list[CocoAnnotation]
    categories: list[CocoCategory]


class ExportWriter(Protocol):
    """Writes one page of the library as a document.

    Attributes:
        media_type: The media type of the document.
        extension: The extension of its file name.
        size: The number of bytes of the images in the response. Lambda encodes the response body as a JSON string.
    """

    media_type: str
    extension: str
    size: int

    def add(self, image: Image) -> None:
        """Add an image."""
        ...

    def text(self) -> str:
        """Return the complete document."""
        ...


class CocoWriter:
    """Writes COCO JSON. The text is ASCII, so that programs can read it with any default encoding."""

    media_type = "application/json"
    extension = "json"

    def __init__(self) -> None:
        self.size = 0
        self._sections: dict[str, list[str]] = {"images": [], "annotations": [], "categories": []}
        self._category_ids: dict[str, int] = {}
        self._file_names = FileNames()

    def add(self, image: Image) -> None:
        """Add an image with its detections and drawn boxes."""
        self._append(
            "images",
            CocoImage(
                id=len(self._sections["images"]) + 1,
                file_name=self._file_names.make_unique(image.name),
                width=image.width,
                height=image.height,
                date_captured=format_capture_time(image.capture_time),
                date_captured_source=image.capture_time.source,
                pixtag_id=image.id,
                model=image.model,
                tags=dict(image.tags),
            ),
        )
        for tag, shown in _list_boxes(image):
            self._annotate(tag, shown)

    def _annotate(self, tag: str, shown: Detection | DrawnBox) -> None:
        """Add a detection or a drawn box to the last image."""
        if tag not in self._category_ids:
            self._category_ids[tag] = len(self._category_ids) + 1
            self._append("categories", CocoCategory(id=self._category_ids[tag], name=tag))
        box = shown.box
        width, height = round(box.x2 - box.x1, 1), round(box.y2 - box.y1, 1)  # edges are stored to 0.1 pixels
        self._append(
            "annotations",
            CocoAnnotation(
                id=len(self._sections["annotations"]) + 1,
                image_id=len(self._sections["images"]),
                category_id=self._category_ids[tag],
                bbox=[box.x1, box.y1, width, height],
                area=round(width * height, 2),
                # Programs such as pycocotools read annotations as results only if each one has a number.
                score=1 if isinstance(shown, DrawnBox) else shown.confidence,
                source=BoxSource.PERSON if isinstance(shown, DrawnBox) else BoxSource.MODEL,
            ),
        )

    def _append(self, section: str, entry: BaseModel) -> None:
        text = entry.model_dump_json(ensure_ascii=True)
        self._sections[section].append(text)
        self.size += _measure(text)

    def text(self) -> str:
        """Return the complete document."""
        now = datetime.now(UTC)
        info = CocoInfo(description="A page of a PixTag library", version=__version__, year=now.year, date_created=now)
        sections = ",".join(f'"{section}":[{",".join(entries)}]' for section, entries in self._sections.items())
        return f'{{"info":{info.model_dump_json()},"licenses":[],{sections}}}'


class CsvWriter:
    """Writes CSV (RFC 4180) with a header row. Excel reads UTF-8 only if a byte order mark is at the start."""

    media_type = "text/csv; charset=utf-8"
    extension = "csv"

    def __init__(self) -> None:
        self.size = 0
        self._texts = [BYTE_ORDER_MARK, _format_rows([COLUMNS])]

    def add(self, image: Image) -> None:
        """Add one row for each tag of an image. For an image without tags, add one row without a tag."""
        boxes = Counter(tag for tag, _ in _list_boxes(image))
        image_cells = (
            image.id,
            _escape_formulas(image.name),
            _format_time(created_at(image.id)),
            format_capture_time(image.capture_time),
            image.width,
            image.height,
        )
        rows = [
            (
                *image_cells,
                _escape_formulas(tag.tag),
                tag.count,
                boxes[tag.tag],
                _format_time(image.edited_at(tag.tag)),
                image.capture_time.source,
                image.certain.get(tag.tag, 0),
            )
            for tag in to_tag_counts(image.tags)
        ]
        text = _format_rows(rows or [(*image_cells, "", 0, 0, "", image.capture_time.source, 0)])
        self._texts.append(text)
        self.size += _measure(text)

    def text(self) -> str:
        """Return the complete document."""
        return "".join(self._texts)


WRITERS: Final[Mapping[ExportFormat, Callable[[], ExportWriter]]] = {
    ExportFormat.COCO: CocoWriter,
    ExportFormat.CSV: CsvWriter,
}


def write_page(writer: ExportWriter, page: Page[Image]) -> str | None:
    """Write images until the document is full. Return the cursor of the next page, or None on the last page."""
    for image in page.images:
        writer.add(image)
        if writer.size > FULL_PAGE_BYTES:
            return image.id
    return page.cursor


def _list_boxes(image: Image) -> list[tuple[str, Detection | DrawnBox]]:
    """Return each visible detection and each drawn box with its tag. Omit those whose tag was removed by a person."""
    tagged = [(tag_name(each.label), each) for each in image.visible_boxes]
    return [(tag, each) for tag, each in tagged if tag not in image.edits or image.edits[tag].count]


def _measure(text: str) -> int:
    return len(json.dumps(text))


def _format_rows(rows: Iterable[Sequence[str | int]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _escape_formulas(text: str) -> str:
    """Return the text with an apostrophe before each formula that a spreadsheet would run."""
    return _FORMULA.sub(r"\1'", text)


def _format_time(time: datetime | None) -> str:
    return time.isoformat(timespec="seconds") if time else ""
