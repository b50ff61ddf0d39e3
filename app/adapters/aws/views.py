"""Defines in which views an image is. A view is a partition whose rows are sorted by capture time."""

from app.adapters.aws.items import summary_item
from app.adapters.aws.row_keys import Item, tag_partition, view_partition
from app.domain.images import Image, ImageState, ImageSummary
from app.domain.metadata import NO_METADATA
from app.domain.plans import View
from app.domain.texts import PhotoTexts, dump_texts, load_texts, read_texts

Key = tuple[str, str]
"""The pk and sk of a row."""


def list_view_keys(image: ImageSummary | None) -> list[Key]:
    """Return the keys of an image's rows in views. Only ready images have any."""
    if image is None or image.state is not ImageState.READY:
        return []
    partitions = [tag_partition(image.owner, tag) for tag in image.indexed_tags]
    partitions += [] if image.tags else [view_partition(image.owner, View.UNTAGGED)]
    return [(partition, image.sort_key) for partition in [view_partition(image.owner, View.READY), *partitions]]


def make_view_rows(image: Image | None) -> dict[Key, Item]:
    """Return an image's rows in views, by key. Only the row in the view `ready` has texts, so the others stay small."""
    if image is None:
        return {}
    ready, summary = view_partition(image.owner, View.READY), summary_item(image)
    texts = {"texts": dump_texts(read_texts(image.name, image.metadata))}
    return {
        (pk, sk): {"pk": pk, "sk": sk, **summary, **(texts if pk == ready else {})} for pk, sk in list_view_keys(image)
    }


def find_texts(image: ImageSummary, row: Item) -> PhotoTexts:
    """Return the texts in an image's row of the view `ready`. Rows of earlier versions have only the name."""
    return load_texts(row["texts"]) if "texts" in row else read_texts(image.name, NO_METADATA)
