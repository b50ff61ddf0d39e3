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

from pydantic import BaseModel

from app import __version__
from app.api.coco_schemas import CocoAnnotation, CocoCategory, CocoImage, CocoInfo
from app.api.detection_schemas import BoxSource
from app.api.export_file_names import FileNames
from app.api.tag_schemas import sort_tags
from app.domain.capture_times import format_capture_time
from app.domain.corrections import DrawnBox
from app.domain.ids import created_at
from app.domain.images import Image
from app.domain.pages import Page
from app.domain.tags import tag_name
from detector import Detection

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
    "favourite",
    "albums",
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


class ExportWriter(Protocol):
    """Writes one page of the library as a document. It is made with the titles of all albums, by their ids.

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

    def __init__(self, titles: Mapping[str, str]) -> None:
        self.size = 0
        self._titles = titles
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
                favourite=image.favourite,
                albums=_list_titles(image, self._titles),
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

    def __init__(self, titles: Mapping[str, str]) -> None:
        self.size = 0
        self._titles = titles
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
        # No title contains a line break.
        albums = "\n".join(map(_escape_formulas, _list_titles(image, self._titles)))
        last_cells = (int(image.favourite), albums)
        rows = [
            (
                *image_cells,
                _escape_formulas(tag),
                count,
                boxes[tag],
                _format_time(image.edited_at(tag)),
                image.capture_time.source,
                image.certain.get(tag, 0),
                *last_cells,
            )
            for tag, count in sort_tags(image.tags)
        ]
        text = _format_rows(rows or [(*image_cells, "", 0, 0, "", image.capture_time.source, 0, *last_cells)])
        self._texts.append(text)
        self.size += _measure(text)

    def text(self) -> str:
        """Return the complete document."""
        return "".join(self._texts)


WRITERS: Final[Mapping[ExportFormat, Callable[[Mapping[str, str]], ExportWriter]]] = {
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


def _list_titles(image: Image, titles: Mapping[str, str]) -> list[str]:
    """Return the titles of the albums that contain an image, in order. Deleted albums are left out."""
    return sorted(titles[album_id] for album_id in image.albums if album_id in titles)


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
