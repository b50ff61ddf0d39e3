"""Libraries of any size, with the objects of COCO's photos. `Table` writes their rows."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final, cast

from app.adapters.aws.images import DynamoImages
from app.adapters.aws.items import summary_item
from app.adapters.aws.row_keys import attributes, image_key, shard
from app.domain.ids import min_id_at
from app.domain.images import Image, ImageState
from app.domain.tags import TagEdit
from detector import BoundingBox, Detection
from detector.metadata.values import CaptureTime, TimeSource

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

COCO: Final[list[dict[str, int]]] = json.loads((Path(__file__).parent / "coco.json").read_text())
"""The number of objects per label in each of 128 photos of COCO train2017, from COCO's annotations."""

EDITED_TAG: Final = "wedding"
EDITED_IMAGES: Final = 20  # images that have this tag in each library, whatever its size

_NEWEST: Final = datetime(2026, 11, 1, tzinfo=UTC)
_INTERVAL: Final = timedelta(minutes=1)
_OWNER: Final = "00000000-0000-4000-8000-000000000000"
_ID: Final = "7zzzzzzzzzzzzzzzzzzzzzzzzz"


def owner_of(size: int) -> str:
    """Return the owner of the library of this size."""
    return f"{size:08}{_OWNER[8:]}"


def image_id(number: int) -> str:
    """Return the id of an image in a library. Number 0 is the newest."""
    return min_id_at(_NEWEST - number * _INTERVAL)[:10] + f"{number:016}"


@dataclass
class RecordingClient:
    """Replaces DynamoDB's client, and records the actions that `Table` sends."""

    actions: list[dict[str, Any]] = field(default_factory=list)

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803 - boto3's name
        self.actions += TransactItems


@dataclass(frozen=True)
class Template:
    """The rows of an image as text, and its increments of the counters."""

    rows: str
    summary: str
    counts: Mapping[str, Mapping[str, int]]

    @classmethod
    def make(cls, detected: Mapping[str, int], edited: Mapping[str, int]) -> "Template":
        """Return the template of an image with these detected tags, and with these tags of a person."""
        ready = _make_image(detected, edited)
        client = RecordingClient()
        DynamoImages(cast("DynamoDBClient", client), "").save(
            ready, replace(ready, state=ImageState.PENDING, detections=())
        )
        puts = [action["Put"]["Item"] for action in client.actions if "Put" in action]
        # The outbox is left out: its notifications have been sent.
        lines = [_render_line("library", item) for item in puts if not item["sk"]["S"].startswith("OUT#")]
        updates = [action["Update"] for action in client.actions if "Update" in action]
        return cls(
            "".join(lines),
            _render_line("summaries", attributes(image_key(_OWNER, _ID) | summary_item(ready))),
            {
                update["Key"]["sk"]["S"].rpartition("#")[0]: _parse_increments(update["ExpressionAttributeValues"])
                for update in updates
            },
        )


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
        taken=CaptureTime(_NEWEST.replace(tzinfo=None), TimeSource.EXIF),
        sha256=_ID.ljust(64, "0"),
        model="yolov3-tiny@0123456789ab",
        detections=tuple(
            Detection(label, 0.8765, BoundingBox(1234.5, 987.6 + number, 2345.6, 1987.6 + number))
            for number, label in enumerate(labels)
        ),
        edits={tag: TagEdit(count, _NEWEST) for tag, count in edited.items()},
    )


def _render_line(table: str, item: Mapping[str, Any]) -> str:
    return json.dumps({"table": table, "item": item}) + "\n"


def _parse_increments(counts: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    return {name.removeprefix(":"): int(count["N"]) for name, count in counts.items()}


def render_lines(size: int, summary_table: str) -> Iterator[str]:
    """Yield the lines that insert a library into Dynalite (`node/server.js`), and its summaries into their own table.

    The images of a smaller library are the newest of a larger one, except for the edited tag.
    """
    random = Random(1)  # noqa: S311 - the same photos for every size
    unedited = [Template.make(tags, {}) for tags in COCO]
    edited = [Template.make(tags, {EDITED_TAG: 1}) for tags in COCO]
    owner, interval = owner_of(size), size // EDITED_IMAGES
    counters: dict[str, Counter[str]] = {}
    for number in range(size):
        new_id = image_id(number)
        index = random.randrange(len(COCO))
        template = (edited if number % interval == interval // 2 else unedited)[index]
        yield template.rows.replace(_OWNER, owner).replace(_ID, new_id)
        yield (
            template.summary.replace('"summaries"', f'"{summary_table}"', 1).replace(_OWNER, owner).replace(_ID, new_id)
        )
        for name, counts in template.counts.items():
            counters.setdefault(f"{name}#{shard(new_id)}", Counter()).update(counts)
    for name, counts in counters.items():
        yield _render_line("library", attributes({"pk": f"U#{owner}", "sk": name, **counts}))
