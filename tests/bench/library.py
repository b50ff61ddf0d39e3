"""Libraries of any size, with the objects of COCO's photos and capture times over 20 years."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from app.adapters.aws.items import image_item, summary_item
from app.adapters.aws.months import name_month
from app.adapters.aws.row_keys import (
    SIMILAR_MARK,
    Item,
    attributes,
    counted_tag,
    counter_shard,
    hash_key,
    image_key,
    list_tag,
    usage_shard,
)
from app.adapters.aws.total_checks import count_image
from app.adapters.aws.views import make_view_rows
from app.domain.ids import min_id_at
from app.domain.images import Image, ImageState
from app.domain.tags import TagEdit
from detector import BoundingBox, Detection
from detector.metadata.values import CaptureTime, TimeSource

COCO: Final[list[dict[str, int]]] = json.loads((Path(__file__).parent / "coco.json").read_text())
"""The number of objects per label in each of 128 photos of COCO train2017, from COCO's annotations."""

EDITED_TAG: Final = "wedding"
EDITED_IMAGES: Final = 20  # images that have this tag in each library, whatever its size

BUSY_MONTH: Final = "2019-07"  # one of seven images was taken in this month
MIDDLE_MONTH: Final = "2016-11"  # half of the images are older
TRASHED, UNDATED = 0.1, 0.1  # shares of all images

COPIED: Final = 50  # the first two of so many images are copies of one another

_NEWEST: Final = datetime(2026, 11, 1, tzinfo=UTC)  # the newest upload and the latest capture time
_INTERVAL: Final = timedelta(minutes=1)
_DAYS: Final = 7_305  # 20 years
_BUSY: Final = 1 / 7

# Each template has these values, which are replaced by those of its images.
_OWNER: Final = "00000000-0000-4000-8000-000000000000"
_UPLOADED: Final = "1999-09-09T09:09:09"
_TAKEN: Final = "1998-08-08T08:08:08"
_HASH: Final = "fedcba98765432100001020304"  # pragma: allowlist secret - the hash of a picture
_GROUP: Final = "0" * 26
_ID: Final = min_id_at(datetime.fromisoformat(_UPLOADED).replace(tzinfo=UTC))[:10] + "z" * 16


def owner_of(size: int) -> str:
    """Return the owner of the library of this size."""
    return f"{size:08}{_OWNER[8:]}"


def image_id(number: int) -> str:
    """Return the id of an image in a library. Number 0 is the newest."""
    return min_id_at(_NEWEST - number * _INTERVAL)[:10] + f"{number:016}"


def group_of(number: int) -> str:
    """Return the id of the group of copies that an image is in."""
    return image_id(number - number % COPIED)


def hash_of(number: int) -> str:
    """Return the picture hash of an image. Copies have the same one."""
    seed = number - number % COPIED if number % COPIED < 2 else number
    return hashlib.sha256(str(seed).encode()).hexdigest()[:16] + _HASH[16:]


@dataclass(frozen=True)
class Template:
    """The rows of an image as text, and its increments of the counters, by the beginning of their sort keys."""

    rows: str
    summary: str
    counts: Mapping[str, Mapping[str, int]]

    @classmethod
    def make(cls, image: Image, *, is_copy: bool = False) -> "Template":
        """Return the template with the rows of this image. A copy is in a group."""
        items = [image_item(image), hash_key(_OWNER, image.sha256) | {"image": image.id}]
        items += [_add_group(row) if is_copy else row for row in make_view_rows(image).values()]
        return cls(
            "".join(_render_line("library", attributes(item)) for item in items),
            _render_line("summaries", attributes(image_key(_OWNER, _ID) | summary_item(image))),
            {key.rpartition("#")[0]: numbers for key, numbers in count_image(image).counts.items()},
        )

    def fill(self, owner: str, number: int, uploaded: datetime, taken: datetime) -> tuple[str, str]:
        """Return the rows and the summary of an image."""
        texts = {
            _OWNER: owner,
            _ID: image_id(number),
            _HASH: hash_of(number),
            _GROUP: group_of(number),
            _UPLOADED: uploaded.replace(tzinfo=None).isoformat(),
            _TAKEN: taken.replace(tzinfo=None).isoformat(),
        }
        rows, summary = self.rows, self.summary
        for old, new in texts.items():
            rows, summary = rows.replace(old, new), summary.replace(old, new)
        return rows, summary

    def list_counts(self, image_id: str, month: str) -> Iterator[tuple[str, dict[str, int]]]:
        """Yield the sort keys of the counters that an image of a month changes, and the changes."""
        for name, counts in self.counts.items():
            key = f"USAGE#{month[:4]}#{usage_shard(image_id)}"
            if not name.startswith("USAGE#"):
                key = f"{name}#{counter_shard(name.removeprefix('COUNT#'), image_id)}"
            names = {"m08": f"m{month[5:]}", name_month("1998-08"): name_month(month)}
            names |= {"m09": f"m{month[5:]}", name_month("1999-09"): name_month(month)}  # undated images
            changes = {names.get(attribute, attribute): number for attribute, number in counts.items()}
            yield key, changes


@dataclass(frozen=True)
class Templates:
    """The templates of a photo: ready images with and without a date, one in the trash, and one with a copy."""

    dated: Template
    undated: Template
    trashed: Template
    copied: Template

    @classmethod
    def make(cls, detected: Mapping[str, int], edited: Mapping[str, int]) -> "Templates":
        """Return the templates of images with these detected tags, and with these tags of a person."""
        image = _make_image(detected, edited)
        trashed = replace(image, state=ImageState.TRASHED, trashed_at=datetime.fromisoformat(f"{_UPLOADED}+00:00"))
        dated, undated, in_trash = map(Template.make, (image, replace(image, taken=None), trashed))
        return cls(dated, undated, in_trash, Template.make(image, is_copy=True))


def _make_image(detected: Mapping[str, int], edited: Mapping[str, int]) -> Image:
    labels = [label for label, count in detected.items() for _ in range(count)]
    return Image(
        owner=_OWNER,
        id=_ID,
        state=ImageState.READY,
        name="IMG_20261101_120000.jpg",
        media_type="image/jpeg",
        size=3_141_592,
        width=4032,
        height=3024,
        taken=CaptureTime(datetime.fromisoformat(_TAKEN), TimeSource.EXIF),
        version=2,
        sha256=_ID.ljust(64, "0"),
        model="yolov3-tiny@0123456789ab",
        detections=tuple(
            Detection(label, 0.8765, BoundingBox(1234.5, 987.6 + number, 2345.6, 1987.6 + number))
            for number, label in enumerate(labels)
        ),
        edits={tag: TagEdit(count, _NEWEST) for tag, count in edited.items()},
        picture_hash=_HASH,
    )


def _add_group(row: Item) -> Item:
    """Return a row in a view. In the view `similar`, it is in a group."""
    group = {"similar_group": _GROUP, "listed": f"{SIMILAR_MARK}{_GROUP}#{_ID}"}
    return row | (group if row["sk"].startswith(_HASH) else {})


def _render_line(table: str, item: Mapping[str, Any]) -> str:
    return json.dumps({"table": table, "item": item}) + "\n"


def _choose_time(random: Random) -> datetime:
    """Return a capture time of the last 20 years. The order of the uploads is another one."""
    if random.random() < _BUSY:
        return datetime.fromisoformat(f"{BUSY_MONTH}-01") + timedelta(seconds=random.randrange(31 * 86_400))
    return _NEWEST - timedelta(seconds=random.randrange(_DAYS * 86_400))


def render_lines(size: int, summary_table: str) -> Iterator[str]:
    """Yield the lines that insert a library into Dynalite (`node/server.js`), and its summaries into their own table.

    The images of a smaller library are the newest of a larger one, except for the edited tag.
    """
    random = Random(1)  # noqa: S311 - the same photos for every size
    unedited = [Templates.make(tags, {}) for tags in COCO]
    edited = [Templates.make(tags, {EDITED_TAG: 1}) for tags in COCO]
    owner, interval = owner_of(size), size // EDITED_IMAGES
    counters: dict[str, Counter[str]] = {}
    for number in range(size):
        new_id, uploaded, taken = image_id(number), _NEWEST - number * _INTERVAL, _choose_time(random)
        index, kind = random.randrange(len(COCO)), random.random()
        is_edited = number % interval == interval // 2
        templates = (edited if is_edited else unedited)[index]
        template = templates.dated
        if number % COPIED < 2:
            template = templates.copied
        elif not is_edited and kind < TRASHED + UNDATED:
            template = templates.trashed if kind < TRASHED else templates.undated
        rows, summary = template.fill(owner, number, uploaded, taken)
        yield rows
        yield summary.replace('"summaries"', f'"{summary_table}"', 1)
        month = (uploaded if template is templates.undated else taken).isoformat()[:7]
        for key, changes in template.list_counts(new_id, month):
            counters.setdefault(key, Counter()).update(changes)
    for key, counts in counters.items():
        tag = list_tag(counted_tag(key)) if key.startswith("COUNT#") else {}
        yield _render_line("library", attributes({"pk": f"U#{owner}", "sk": key, **tag, **counts}))
