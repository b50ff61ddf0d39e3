"""Photos of libraries of any size. Their objects occur together as in COCO's photos, and two tags are set by a person.

`sorted` is on all photos but the oldest, and each photo is `indoor` or `outdoor`. Only the oldest photos are both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from random import Random
from typing import Final

from app.domain.ids import created_at
from tests.bench.library import COCO, image_id

SMALLEST: Final = 100
"""The size of the smallest library. It has all tags that a larger one has."""

OLDEST: Final = 20
"""The number of photos that are not sorted, and that are indoor and outdoor."""

_WIDTH, _HEIGHT = 4032, 3024


@dataclass(frozen=True, slots=True)
class Photo:
    """What a library stores of a photo in each version of PixTag. A detection is a label, a confidence and a box.

    An empty `taken_at` means that the date is unknown. Version 0.1 gets no such photo, and none of its trash.
    """

    id: str
    taken_at: str
    detections: Sequence[tuple[str, float, tuple[float, float, float, float]]]
    edits: Mapping[str, int]
    size: int
    sha256: str
    name: str = "IMG_20261101_120000.jpg"
    model: str = "yolov3-tiny@0123456789ab"
    width: int = _WIDTH
    height: int = _HEIGHT
    is_trashed: bool = False


def compose(size: int) -> Iterator[Photo]:
    """Yield the photos of a library, newest first. Libraries of all sizes have the same photos, but for the oldest."""
    random = Random(1)  # noqa: S311 - the same photos for every size
    newest = _choose_newest(random)
    for number in range(size):
        objects = newest[number] if number < SMALLEST else random.choice(COCO)
        place = random.choice(("indoor", "outdoor"))
        is_oldest = number >= size - OLDEST
        edits = {"indoor": 1, "outdoor": 1} if is_oldest else {place: 1, "sorted": 1}
        yield _make_photo(image_id(number), objects, edits, random)


def _choose_newest(random: Random) -> list[Mapping[str, int]]:
    """Return the objects of the newest photos, which include all labels."""
    shuffled = random.sample(COCO, len(COCO))
    labels: set[str] = set()
    needed: list[Mapping[str, int]] = []
    others: list[Mapping[str, int]] = []
    for objects in shuffled:
        (others if labels.issuperset(objects) else needed).append(objects)
        labels.update(objects)
    newest = [*needed, *others][:SMALLEST]
    random.shuffle(newest)
    return newest


def _make_photo(new_id: str, objects: Mapping[str, int], edits: Mapping[str, int], random: Random) -> Photo:
    detections = []
    for label, count in objects.items():
        for _ in range(count):
            x, y = random.uniform(0, _WIDTH - 900), random.uniform(0, _HEIGHT - 900)
            box = (round(x, 1), round(y, 1), round(x + 700.5, 1), round(y + 800.5, 1))
            detections.append((label, round(random.uniform(0.3, 1), 4), box))
    return Photo(
        id=new_id,
        taken_at=created_at(new_id).astimezone(UTC).isoformat(),
        detections=detections,
        edits=edits,
        size=random.randrange(2_000_000, 6_000_000),
        sha256=f"{random.getrandbits(256):064x}",
    )
