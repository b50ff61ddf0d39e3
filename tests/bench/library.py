"""Libraries of any size, whose photographs show together what COCO's do; their rows are those that `Table` writes."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final, cast

from app.adapters.aws.items import attributes, image_key, shard, summary_item
from app.adapters.aws.table import Table
from app.domain.ids import min_id_at
from app.domain.images import Image, ImageState
from app.domain.tags import TagEdit
from detector import BoundingBox, Detection

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

COCO: Final[list[dict[str, int]]] = json.loads((Path(__file__).parent / "coco.json").read_text())
"""How many of what each of 128 photographs of COCO train2017 shows, as COCO's people counted it."""

BY_HAND: Final = "wedding"
BY_HAND_IMAGES: Final = 20  # of every library, whatever its size

_NEWEST: Final = datetime(2026, 11, 1, tzinfo=UTC)
_APART: Final = timedelta(minutes=1)
_OWNER: Final = "00000000-0000-4000-8000-000000000000"
_ID: Final = "7zzzzzzzzzzzzzzzzzzzzzzzzz"


def owner_of(size: int) -> str:
    """Whose library of that size it is."""
    return f"{size:08}{_OWNER[8:]}"


def image_id(number: int) -> str:
    """The id of a library's image, of which number 0 is the newest."""
    return min_id_at(_NEWEST - number * _APART)[:10] + f"{number:016}"


@dataclass
class Written:
    """Stands in for DynamoDB's client: keeps what `Table` writes."""

    actions: list[dict[str, Any]] = field(default_factory=list)

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803 - boto3's name
        self.actions += TransactItems


@dataclass(frozen=True)
class Template:
    """The rows of an image as text, and what it adds to the counters."""

    rows: str
    card: str
    counts: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, tags: Mapping[str, int], by_hand: Mapping[str, int]) -> "Template":
        """Of an image on which the model sees these, and a person those."""
        ready = _image(tags, by_hand)
        written = Written()
        Table(cast("DynamoDBClient", written), "").save(ready, replace(ready, state=ImageState.PENDING, detections=()))
        puts = [action["Put"]["Item"] for action in written.actions if "Put" in action]
        # What was to be told of the image has been told.
        lines = [_line("library", item) for item in puts if not item["sk"]["S"].startswith("OUT#")]
        updates = [action["Update"] for action in written.actions if "Update" in action]
        return cls(
            "".join(lines),
            _line("cards", attributes(image_key(_OWNER, _ID) | summary_item(ready))),
            {one["Key"]["sk"]["S"].rpartition("#")[0]: _added(one["ExpressionAttributeValues"]) for one in updates},
        )


def _image(tags: Mapping[str, int], by_hand: Mapping[str, int]) -> Image:
    labels = [label for label, count in tags.items() for _ in range(count)]
    return Image(
        owner=_OWNER,
        id=_ID,
        state=ImageState.READY,
        name="IMG_20261101_120000.jpg",
        media_type="image/jpeg",
        size=3_141_592,
        width=4032,
        height=3024,
        taken_at=_NEWEST,
        sha256=_ID.ljust(64, "0"),
        model="yolov3-tiny@0123456789ab",
        detections=tuple(
            Detection(label, 0.8765, BoundingBox(1234.5, 987.6 + number, 2345.6, 1987.6 + number))
            for number, label in enumerate(labels)
        ),
        edits={tag: TagEdit(count, _NEWEST) for tag, count in by_hand.items()},
    )


def _line(table: str, item: Mapping[str, Any]) -> str:
    return json.dumps({"table": table, "item": item}) + "\n"


def _added(counts: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    return {name.removeprefix(":"): int(count["N"]) for name, count in counts.items()}


def lines(size: int, cards: str) -> Iterator[str]:
    """The lines that put a library into dynalite (`node/server.js`), and its bare cards into the table `cards`.

    The images of a smaller library are the newest of a larger one, but for the tag by hand.
    """
    random = Random(1)  # noqa: S311 - the same photographs for every size
    plain = [Template.of(tags, {}) for tags in COCO]
    marked = [Template.of(tags, {BY_HAND: 1}) for tags in COCO]
    owner, every = owner_of(size), size // BY_HAND_IMAGES
    counters: dict[str, Counter[str]] = {}
    for number in range(size):
        new = image_id(number)
        chosen = random.randrange(len(COCO))
        template = (marked if number % every == every // 2 else plain)[chosen]
        yield template.rows.replace(_OWNER, owner).replace(_ID, new)
        yield template.card.replace('"cards"', f'"{cards}"', 1).replace(_OWNER, owner).replace(_ID, new)
        for name, counts in template.counts.items():
            counters.setdefault(f"{name}#{shard(new)}", Counter()).update(counts)
    for name, counts in counters.items():
        yield _line("library", attributes({"pk": f"U#{owner}", "sk": name, **counts}))
